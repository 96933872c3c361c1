import { topicContracts, type TopicNames } from '@hybrid-sync/domain';
import type { KafkaConnection, Publisher } from '@hybrid-sync/kafka';
import type { Log } from '@hybrid-sync/runtime';
import type { Database } from '@hybrid-sync/store';
import { foldedSource } from './builder-source.js';
import type { BuilderOptions } from './builder.js';
import type { ProjectorConfig } from './config.js';
import { ReadModel } from './read-model.js';

export interface BuilderParts {
  readonly config: Pick<ProjectorConfig, 'kafka' | 'network'>;
  readonly database: Database;
  readonly kafka: KafkaConnection;
  readonly publisher: Publisher;
  readonly topics: TopicNames;
  readonly log: Log;
}

/** How a generation is built, in a projector and by rebuild.js. */
export function builderOptions(parts: BuilderParts): BuilderOptions {
  const { config, database, kafka, publisher, topics, log } = parts;
  const contract = topicContracts(topics).find(({ name }) => name === topics.revocations);
  if (contract === undefined) throw new Error('the revocation topic has no contract');
  return {
    database,
    kafka,
    log,
    source: foldedSource(kafka, contract),
    groupId: `${config.kafka.topicPrefix}.projector-rebuild`,
    readModel: ({ generation, incarnation }) =>
      new ReadModel({
        database,
        publisher,
        topics,
        identity: config.network,
        target: { generation },
        incarnationOf: () => incarnation,
        applied: () => undefined,
      }),
    progress: (progress) => {
      log.info(progress, 'rebuild');
    },
  };
}
