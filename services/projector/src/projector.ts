import { topicContracts, topicNames } from '@hybrid-sync/domain';
import { openPublisher, openTopics } from '@hybrid-sync/kafka';
import { Counter, untilAvailable, type RunningService, type ServiceContext } from '@hybrid-sync/runtime';
import { Database, requireSchema, type DeadLetter } from '@hybrid-sync/store';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import type { ProjectorConfig } from './config.js';
import { ReadModel } from './read-model.js';
import { TopicTransport } from './topic-transport.js';

/** Below the group's session timeout, so that a stuck statement ends before the assignment does. */
const statementTimeoutMs = 20_000;

export async function startProjector(context: ServiceContext<ProjectorConfig>): Promise<RunningService> {
  const { config, signal, fail } = context;
  const database = await openDatabase(context);
  const topics = topicNames(config.kafka.topicPrefix);
  const settings = { ...config.kafka, clientId: 'projector' };
  const kafka = await openTopics(settings, topicContracts(topics), context);
  const publisher = await openPublisher(kafka, { signal });
  const deadLettered = deadLetterReporter(context);
  const readModel = new ReadModel({
    database,
    publisher,
    topics,
    identity: config.network,
    target: 'active',
    incarnationOf: () => null,
    applied: ({ deadLetters }) => {
      deadLetters.forEach(deadLettered);
    },
  });
  const groupId = `${config.kafka.topicPrefix}.projector`;
  const strategy = new TopicTransport({ kafka, groupId, topics, database, fail });
  const app = await NestFactory.createMicroservice(AppModule.with(readModel), { strategy, logger: false });
  await app.listen();
  return {
    unreadyReasons: () => [],
    stop: async () => {
      await app.close();
      await publisher.close();
      await database.close();
    },
  };
}

async function openDatabase({ config, log, signal }: ServiceContext<ProjectorConfig>): Promise<Database> {
  const lost = (error: Error): void => {
    log.warn({ error }, 'database connection lost');
  };
  const database = new Database({ url: config.databaseUrl, maxConnections: 10, statementTimeoutMs, lost });
  await untilAvailable('database', () => requireSchema(database), { log, signal });
  return database;
}

function deadLetterReporter({ log, metrics }: ServiceContext<ProjectorConfig>): ReadModelReporter {
  const counter = new Counter({
    name: 'hybrid_sync_dead_letters_total',
    help: 'Records that could not be applied.',
    labelNames: ['topic'],
    registers: [metrics],
  });
  return ({ topic, partition, offset, reason }) => {
    counter.inc({ topic });
    log.error({ topic, partition, offset, reason }, 'record dead-lettered');
  };
}

type ReadModelReporter = (letter: DeadLetter) => void;
