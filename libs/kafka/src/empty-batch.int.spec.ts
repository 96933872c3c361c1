import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  endOffsets,
  type KafkaConnection,
  type LogRecord,
  openLogReader,
  openPublisher,
  topicIncarnation,
} from './index.js';
import { connectTo, newTopic } from './testing/connections.js';
import { readWithPlainDriver } from './testing/plain-driver.js';
import { folded } from './testing/seen-records.js';
import { ownKafka, type OwnKafka } from './testing/test-kafka.js';
import { until } from './testing/until.js';

let server: OwnKafka;
let kafka: KafkaConnection;
let topic: string;
/** Before anything was written to it. */
let incarnation: string;

beforeAll(async () => {
  server = await ownKafka({ properties: { 'log.cleaner.backoff.ms': '500' } });
  kafka = connectTo(server);
  topic = await topicWithAnEmptiedBatch();
}, 90_000);

afterAll(async () => {
  await server.close();
});

const keys = Array.from({ length: 2000 }, (_, i) => `key-${i}`);

/** The last batch of an idempotent producer survives compaction with no record in it; here it ends a segment. */
async function topicWithAnEmptiedBatch(): Promise<string> {
  const config = {
    'cleanup.policy': 'compact',
    'segment.ms': '1000',
    'segment.bytes': '1048576',
    'min.cleanable.dirty.ratio': '0.01',
    'max.compaction.lag.ms': '2000',
  };
  const name = await newTopic(kafka, { config });
  incarnation = await topicIncarnation(kafka, name);
  await publishByANewProducer(name, keys, 'first');
  await segmentToAge();
  await publishByANewProducer(name, keys, 'second');
  await segmentToAge();
  await publishByANewProducer(name, ['last'], 'last');
  await until(async () => (await recordsKept(name)) <= keys.length + 1, { withinMs: 40_000, what: 'compaction' });
  return name;
}

/** The broker starts a new segment with the first record after segment.ms: there is no condition to ask for. */
function segmentToAge(): Promise<void> {
  return sleep(1_500);
}

async function publishByANewProducer(name: string, names: readonly string[], generation: string): Promise<void> {
  const publisher = await openPublisher(kafka, { maxBatchRecords: 100 });
  const value = generation.padEnd(400, '.');
  await publisher.publish(
    name,
    names.map((key) => ({ key, value })),
  );
  await publisher.close();
}

async function recordsKept(name: string): Promise<number> {
  return (await readAll(name)).length;
}

async function readAll(name: string): Promise<readonly LogRecord[]> {
  const seen: LogRecord[] = [];
  const reader = await openLogReader(kafka, {
    topics: [name],
    groupPrefix: 'empty-batch',
    apply: (records) => seen.push(...records),
    fail: (error) => {
      throw error;
    },
  });
  await reader.caughtUp(AbortSignal.timeout(20_000));
  await reader.close();
  return seen;
}

describe('a batch that compaction has emptied', () => {
  it('holds up the driver as it is published for ever', async () => {
    const end = (await endOffsets(kafka, topic)).get(0) ?? 0;
    const outcome: unknown = JSON.parse(await readWithPlainDriver(server.brokers, topic, { end, patience: 1000 }));
    expect(outcome).toMatchObject({ outcome: 'stuck' });
    expect(outcome).not.toMatchObject({ next: end });
  }, 90_000);

  it('is stepped over, up to the very end of the topic', async () => {
    const fold = folded(await readAll(topic));
    expect(fold.size).toBe(2001);
    expect(new Set(fold.values())).toEqual(new Set(['second'.padEnd(400, '.'), 'last'.padEnd(400, '.')]));
  }, 60_000);
});

describe('a topic that compaction has gone over', () => {
  it('is the same incarnation, also after its broker has crashed', async () => {
    expect(await topicIncarnation(kafka, topic)).toBe(incarnation);
    const down = await server.crash();
    await down.restart();
    expect(await topicIncarnation(kafka, topic)).toBe(incarnation);
  }, 60_000);
});
