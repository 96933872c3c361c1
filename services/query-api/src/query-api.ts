import { topicContracts, topicNames } from '@hybrid-sync/domain';
import { openPublisher, openTopics } from '@hybrid-sync/kafka';
import { untilAvailable, type RunningService, type ServiceContext } from '@hybrid-sync/runtime';
import { Database, requireSchema } from '@hybrid-sync/store';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { AppModule } from './app.module.js';
import type { QueryApiConfig } from './config.js';
import { jsonBodies } from './json-bodies.js';
import { MonitorService } from './monitor.service.js';
import { ProblemFilter } from './problem.filter.js';
import { Readiness } from './readiness.js';
import { WriteKeys } from './write-keys.js';

const statementTimeoutMs = 2_000;

export async function startQueryApi(context: ServiceContext<QueryApiConfig>): Promise<RunningService> {
  const { config, log, signal } = context;
  const topics = topicNames(config.kafka.topicPrefix);
  const database = await openDatabase(context);
  const settings = { ...config.kafka, clientId: 'query-api' };
  const kafka = await openTopics(settings, topicContracts(topics), context);
  const publisher = await openPublisher(kafka, { signal });
  const { network, maxStalenessSeconds } = config;
  const monitor = new MonitorService({ database, topic: topics.revocations, network, maxStalenessSeconds });
  const keys = new WriteKeys(config.apiKeys);
  const app = await createApp(
    AppModule.with(monitor, { publisher, topic: topics.commands, database, keys, log }),
    context,
  );
  const readiness = new Readiness();
  const watching = readiness.watch(() => monitor.unreadyReasons(), { log, signal });
  await app.listen(config.port, config.host);
  return {
    unreadyReasons: () => readiness.reasons,
    stop: async () => {
      await app.close();
      await watching;
      await publisher.close();
      await database.close();
    },
  };
}

async function createApp(
  module: ReturnType<typeof AppModule.with>,
  { log }: ServiceContext<QueryApiConfig>,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: false });
  const problems = new ProblemFilter(log);
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(neverStored);
  app.use(...jsonBodies);
  const parserFailed: ErrorRequestHandler = (error, _request, response, _next) => {
    problems.send(error, response);
  };
  app.use(parserFailed);
  app.useGlobalFilters(problems);
  return app;
}

const neverStored: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};

async function openDatabase({ config, log, signal }: ServiceContext<QueryApiConfig>): Promise<Database> {
  const lost = (error: Error): void => {
    log.warn({ error }, 'database connection lost');
  };
  const database = new Database({ url: config.databaseUrl, maxConnections: 10, statementTimeoutMs, lost });
  await untilAvailable('database', () => requireSchema(database), { log, signal });
  return database;
}
