import { parseCommandRecord, type BackfillCommand } from '@hybrid-sync/domain';
import { openIngester, type Ingester } from '@hybrid-sync/ingest';
import type { LogRecord } from '@hybrid-sync/kafka';
import { runLoop, Wake, type Log, type RunningService, type ServiceContext } from '@hybrid-sync/runtime';
import { runBackfill } from './backfill.js';
import type { BatchConfig } from './config.js';
import { runPass } from './pass.js';
import { nextJob, type Job } from './schedule.js';

/** Pause between two looks at what is due. */
const lookMs = 250;
/** After so long without a successful step the service says that it is not ready. */
const stuckMs = 60_000;

export async function startBatch(context: ServiceContext<BatchConfig>): Promise<RunningService> {
  const { log, signal } = context;
  const commands = new Map<string, BackfillCommand>();
  const wake = new Wake();
  const ingester = await openIngester('ingest-batch', context, (records) => {
    readCommands(records, commands, log);
    wake.now();
  });
  const worker = new BatchWorker(ingester, commands, context);
  const failed = (error: unknown, failures: number): void => {
    log.warn({ error, failures }, 'step failed');
  };
  const loops = [
    runLoop(() => worker.step(), { intervalMs: lookMs, signal, failed, pause: wake.pause }),
    ingester.reporter.beat({ log, signal }),
  ];
  return {
    unreadyReasons: () => worker.unreadyReasons(),
    stop: async () => {
      await Promise.all(loops);
      await ingester.close();
    },
  };
}

function readCommands(records: readonly LogRecord[], commands: Map<string, BackfillCommand>, log: Log): void {
  for (const { key, value, offset } of records) {
    const parsed = parseCommandRecord(key, value);
    if (parsed.kind === 'backfill') commands.set(parsed.command.commandId, parsed.command);
    else log.warn({ offset, reason: parsed.reason }, 'command rejected');
  }
}

/** Does one thing at a time: a pass or a backfill. */
class BatchWorker {
  readonly #ingester: Ingester;
  readonly #commands: ReadonlyMap<string, BackfillCommand>;
  readonly #context: ServiceContext<BatchConfig>;
  #passedAt: number | null = null;
  #succeededAt = performance.now();

  constructor(
    ingester: Ingester,
    commands: ReadonlyMap<string, BackfillCommand>,
    context: ServiceContext<BatchConfig>,
  ) {
    this.#ingester = ingester;
    this.#commands = commands;
    this.#context = context;
  }

  async step(): Promise<void> {
    const { lease, reporter, view } = this.#ingester;
    if (lease.held) {
      if (this.#passedAt === null) await view.caughtUp();
      await this.#run(this.#next());
    } else {
      this.#passedAt = null;
      reporter.forget();
    }
    this.#succeededAt = performance.now();
  }

  unreadyReasons(): readonly string[] {
    const halted = this.#halted ? ['finality_violation'] : [];
    return performance.now() - this.#succeededAt > stuckMs ? [...halted, 'no step has succeeded for 60 s'] : halted;
  }

  get #halted(): boolean {
    return this.#ingester.view.component('ingest-realtime')?.finalityViolation != null;
  }

  #next(): Job {
    const { view, reporter } = this.#ingester;
    return nextJob({
      halted: this.#halted,
      commands: [...this.#commands.values()],
      backfill: (commandId) => view.backfill(commandId),
      own: (reporter.last ?? view.component('ingest-batch'))?.coverage ?? null,
      realtime: view.component('ingest-realtime')?.coverage ?? null,
      millisecondsSincePass: this.#passedAt === null ? null : performance.now() - this.#passedAt,
      passIntervalMs: this.#context.config.passIntervalMs,
    });
  }

  async #run(job: Job): Promise<void> {
    const { config, log, signal, fail } = this.#context;
    const { blocksPerQuery } = config;
    if (job.kind === 'idle') return;
    const startedAt = performance.now();
    if (job.kind === 'pass') {
      const before = (this.#ingester.reporter.last ?? this.#ingester.view.component('ingest-batch'))?.coverage ?? null;
      const coverage = await runPass(this.#ingester, before, { blocksPerQuery, signal });
      this.#passedAt = performance.now();
      log.info({ reason: job.reason, coveredTo: coverage?.coveredTo, milliseconds: since(startedAt) }, 'pass done');
    } else {
      await runBackfill(this.#ingester, job, { blocksPerQuery, signal, fail });
      // The command is done once its status has been read back; until then it would be taken up again.
      await this.#ingester.view.caughtUp();
      log.info({ commandId: job.command.commandId, milliseconds: since(startedAt) }, 'backfill done');
    }
  }
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
