import { topicContracts, topicNames, type TopicNames } from '@hybrid-sync/domain';
import { openPublisher, openTopics, watchTopics, type KafkaConnection, type TopicWatch } from '@hybrid-sync/kafka';
import { runLoop, sleep, untilAvailable, type RunningService, type ServiceContext } from '@hybrid-sync/runtime';
import { Database, requireSafeServer, requireSchema } from '@hybrid-sync/store';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { builderOptions } from './builder-options.js';
import type { ProjectorConfig } from './config.js';
import { OwnedPartitions } from './owned-partitions.js';
import { Positions } from './positions.js';
import { ProjectorMetrics } from './projector-metrics.js';
import { ReadModel, type AppliedPart } from './read-model.js';
import type { RebuildOrder } from './rebuild-begin.js';
import { Rebuilds } from './rebuilds.js';
import { Standing } from './standing.js';
import { TopicTransport } from './topic-transport.js';

/** Of statements that are not part of a batch's transaction. */
const statementTimeoutMs = 20_000;
const watchEveryMs = 5_000;
const lookEveryMs = 1_000;

type Context = ServiceContext<ProjectorConfig>;

export async function startProjector(context: Context): Promise<RunningService> {
  const { config, log, signal, fail } = context;
  const database = await openDatabase(context);
  const topics = topicNames(config.kafka.topicPrefix);
  const kafka = await openTopics({ ...config.kafka, clientId: 'projector' }, topicContracts(topics), context);
  const publisher = await openPublisher(kafka, { signal });
  const owned = new OwnedPartitions();
  const metrics = new ProjectorMetrics(context.metrics);
  const builder = builderOptions({ config, database, kafka, publisher, topics, log });
  const rebuilds = new Rebuilds({ builder, log, signal });
  const begin = (order: RebuildOrder): Promise<unknown> => rebuilds.begin(order);
  const { tombstoneSeconds } = builder.source;
  const positions = new Positions({ kafka, database, topics, tombstoneSeconds, begin, log });
  const watch = watchOver(kafka, { topics, positions, context });
  const standing = new Standing({
    database,
    owned,
    topicStates: () => watch.state(),
    revocationTopic: topics.revocations,
  });
  const readModel = new ReadModel({
    database,
    publisher,
    topics,
    identity: config.network,
    target: 'active',
    incarnationOf: (topic) => positions.incarnationOf(topic),
    ordered: ({ commandId }) => begin({ reason: 'rebuild', commandId }),
    expired: ({ commandId, expiresAt }) => {
      log.warn({ commandId, expiresAt }, 'command has expired');
    },
    applied: applied(context, { metrics, owned }),
  });
  const groupId = `${config.kafka.topicPrefix}.projector`;
  const { stale } = metrics;
  const strategy = new TopicTransport({ kafka, groupId, topics, positions, owned, stale, log, fail });
  const app = await NestFactory.createMicroservice(AppModule.with(readModel), { strategy, logger: false });
  metrics.follow(() => ({ partitions: owned.all(), tables: standing.tables }));
  const running = [lookAgainAndAgain(standing, context), rebuilds.run()];
  await app.listen();
  await untilSeen(standing, signal);
  return {
    unreadyReasons: () => standing.unreadyReasons(),
    stop: async () => {
      await app.close();
      await Promise.all([watch.close(), ...running, publisher.close()]);
      await database.close();
    },
  };
}

async function openDatabase({ config, log, signal }: Context): Promise<Database> {
  const lost = (error: Error): void => {
    log.warn({ error }, 'database connection lost');
  };
  const database = new Database({ url: config.databaseUrl, maxConnections: 10, statementTimeoutMs, lost });
  await untilAvailable('database', () => requireSchema(database), { log, signal });
  if (!config.allowUnsafeDatabase) await requireSafeServer(database);
  return database;
}

interface Watching {
  readonly topics: TopicNames;
  readonly positions: Positions;
  readonly context: Context;
}

function watchOver(kafka: KafkaConnection, { topics, positions, context: { log } }: Watching): TopicWatch {
  return watchTopics(kafka, {
    topics: topicContracts(topics),
    everyMs: watchEveryMs,
    changed: ({ topic, incarnation, differences }) => {
      if (differences.length > 0) log.error({ topic, differences }, 'topic is not as it must be');
      positions.seen(topic, incarnation);
    },
  });
}

function applied(
  { log }: Context,
  { metrics, owned }: { readonly metrics: ProjectorMetrics; readonly owned: OwnedPartitions },
): (part: AppliedPart) => void {
  return (part) => {
    metrics.applied(part);
    owned.applied(part, part.nextOffset, part.writtenAt);
    for (const { topic, partition, offset, reason } of part.deadLetters) {
      log.error({ topic, partition, offset, reason }, 'record dead-lettered');
    }
  };
}

/** Whoever says that it is ready has seen both its servers. */
async function untilSeen(standing: Standing, signal: AbortSignal): Promise<void> {
  while (!standing.isSeen && !signal.aborted) await sleep(50, signal);
}

function lookAgainAndAgain(standing: Standing, { log, signal }: Context): Promise<void> {
  const failed = (error: unknown, failures: number): void => {
    log.warn({ error, failures }, 'read model cannot be looked at');
  };
  return runLoop(() => standing.look(), { intervalMs: lookEveryMs, signal, failed });
}
