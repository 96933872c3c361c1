import { topicNames } from '@hybrid-sync/domain';
import { connectKafka } from '@hybrid-sync/kafka';
import { createLog } from '@hybrid-sync/runtime';
import { readGenerations, type Database, type Generation } from '@hybrid-sync/store';
import { identity } from '../../../../libs/domain/src/testing/arbitraries.js';
import { builderOptions } from '../builder-options.js';
import { buildGeneration, type BuilderOptions, type BuildOutcome } from '../builder.js';
import { chooseNew } from '../rebuild-choice.js';
import type { RebuildProgress } from '../rebuild-progress.js';
import type { Deployment } from './deployment.js';

export interface TestBuilder {
  readonly options: BuilderOptions;
  readonly told: RebuildProgress[];
}

/** A builder within the test, over the deployment's own connections or to another database. */
export function builderOf(deployment: Deployment, database: Database = deployment.store.database): TestBuilder {
  const { publisher, prefix } = deployment;
  const log = createLog({ service: 'test', level: 'silent', secrets: [] });
  const kafkaConfig = { brokers: deployment.brokers, ssl: false, topicPrefix: prefix, topics: 'create' } as const;
  const network = { name: 'test', startBlock: 0, ...identity };
  const told: RebuildProgress[] = [];
  const options = builderOptions({
    config: { kafka: kafkaConfig, network },
    database,
    kafka: connectKafka({ ...kafkaConfig, clientId: 'test-builder' }, log),
    publisher,
    topics: topicNames(prefix),
    log,
  });
  return { told, options: { ...options, progress: (progress) => void told.push(progress) } };
}

/** From the beginning to the switch, or until the signal aborts. */
export function rebuild({ options }: TestBuilder, signal = new AbortController().signal): Promise<BuildOutcome> {
  return buildGeneration(options, chooseNew(options, 'test'), signal);
}

export async function generationOf(deployment: Deployment, state: Generation['state']): Promise<Generation | null> {
  return (await readGenerations(deployment.store.database)).find((one) => one.state === state) ?? null;
}
