import { topicContracts, topicNames } from '@hybrid-sync/domain';
import { openPublisher, openTopics } from '@hybrid-sync/kafka';
import { sleep, untilAvailable, type Log } from '@hybrid-sync/runtime';
import { Database, requireSafeServer, requireSchema } from '@hybrid-sync/store';
import { BuildingOverError } from './builder-follower.js';
import { builderOptions } from './builder-options.js';
import { buildGeneration, type BuilderOptions, type BuildOutcome, type ChooseGeneration } from './builder.js';
import type { ProjectorConfig } from './config.js';
import { rebuildArguments } from './rebuild-arguments.js';
import { chooseFormer, chooseNew } from './rebuild-choice.js';

export interface RebuildContext {
  readonly config: ProjectorConfig;
  readonly log: Log;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
}

/** 0: switched. 1: not, and the log says why. */
export type RebuildExitCode = 0 | 1;

const statementTimeoutMs = 20_000;
const interruptions = 10;

/** Builds a generation and switches to it, or switches back, as the command line says. */
export async function runRebuild(context: RebuildContext, args: readonly string[]): Promise<RebuildExitCode> {
  const { log, signal } = context;
  const wanted = rebuildArguments(args);
  if (wanted.kind === 'invalid') {
    log.error({ problem: wanted.problem }, 'usage: rebuild.js [--switch-back] [--reason text]');
    return 1;
  }
  const { options, close } = await openBuilder(context);
  try {
    const choose = wanted.kind === 'rebuild' ? chooseNew(options, wanted.reason ?? 'rebuild') : chooseFormer(options);
    return exitCodeOf(await untilBuilt(options, choose, signal), log);
  } catch (error) {
    if (signal.aborted) log.info('stopped: the next rebuild or a projector goes on from here');
    else log.error({ error }, 'rebuild failed');
    return 1;
  } finally {
    await close();
  }
}

/** Goes on where it was interrupted, as long as that may help. */
async function untilBuilt(
  options: BuilderOptions,
  choose: ChooseGeneration,
  signal: AbortSignal,
): Promise<BuildOutcome> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await buildGeneration(options, choose, signal);
    } catch (error) {
      if (signal.aborted || error instanceof BuildingOverError || failures > interruptions) throw error;
      options.log.warn({ error, failures }, 'rebuild was interrupted, trying again');
      await sleep(Math.min(500 * 2 ** failures, 5_000), signal);
    }
  }
}

function exitCodeOf(outcome: BuildOutcome, log: Log): RebuildExitCode {
  switch (outcome.kind) {
    case 'switched':
      log.info({ generation: outcome.generation.generation, former: outcome.from.generation }, 'switched');
      return 0;
    case 'busy':
      log.error('busy: another process builds');
      return 1;
    case 'refused':
      log.error({ reason: outcome.reason }, 'refused');
      return 1;
  }
}

interface OpenBuilder {
  readonly options: BuilderOptions;
  readonly close: () => Promise<void>;
}

async function openBuilder({ config, log, signal }: RebuildContext): Promise<OpenBuilder> {
  const lost = (error: Error): void => {
    log.warn({ error }, 'database connection lost');
  };
  const database = new Database({ url: config.databaseUrl, maxConnections: 5, statementTimeoutMs, lost });
  await untilAvailable('database', () => requireSchema(database), { log, signal });
  if (!config.allowUnsafeDatabase) await requireSafeServer(database);
  const topics = topicNames(config.kafka.topicPrefix);
  const settings = { ...config.kafka, clientId: 'projector-rebuild' };
  const kafka = await openTopics(settings, topicContracts(topics), { log, signal });
  const publisher = await openPublisher(kafka, { signal });
  return {
    options: builderOptions({ config, database, kafka, publisher, topics, log }),
    close: async () => {
      await publisher.close();
      await database.close();
    },
  };
}
