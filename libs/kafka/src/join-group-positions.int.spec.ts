import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Consumer } from 'kafkajs';
import { driver } from './connection.js';
import {
  type GroupHandler,
  type GroupMember,
  type GroupOptions,
  joinGroup,
  type KafkaConnection,
  openPublisher,
  type Publisher,
} from './index.js';
import { connectTo, newTopic } from './testing/connections.js';
import { deleteRecordsBelow } from './testing/delete-records.js';
import { RecordingHandler } from './testing/recording-handler.js';
import { sharedKafka } from './testing/test-kafka.js';
import { until } from './testing/until.js';

let kafka: KafkaConnection;
let publisher: Publisher;
const members: GroupMember[] = [];

beforeAll(async () => {
  kafka = connectTo(sharedKafka());
  publisher = await openPublisher(kafka, { maxBatchRecords: 10 });
});

afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.close()));
});

afterAll(async () => {
  await publisher.close();
});

const numbered = (count: number, value = 'v'): { key: string; value: string }[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value }));

async function join(topic: string, handler: RecordingHandler, options: Partial<GroupOptions> = {}): Promise<void> {
  const member = await joinGroup(kafka, {
    groupId: `group.${topic}`,
    topics: [topic],
    handler,
    commit: false,
    fail: (error) => {
      handler.events.push(`fail ${error.name}`);
    },
    ...options,
  });
  members.push(member);
}

const total = (handler: RecordingHandler): number => handler.keys().length;

describe('a partition for which the handler gives no position', () => {
  it('is held and asked for again, while the others go on', async () => {
    const topic = await newTopic(kafka, { partitions: 2 });
    await publisher.publish(topic, numbered(20));
    const handler = new RecordingHandler();
    handler.held.add(1);
    await join(topic, handler);
    await until(() => handler.events.filter((event) => event === 'assigned 1').length > 2);
    expect(new Set(handler.batches.map(({ partition }) => partition))).toEqual(new Set([0]));
    handler.held.clear();
    await until(() => total(handler) === 20);
    expect(handler.events).not.toContain('lost');
  });
});

/** Decides as its owner says, which a test may change. */
class DecidingHandler extends RecordingHandler implements GroupHandler {
  decision: 'continue' | 'hold' = 'hold';
  readonly asked: string[] = [];

  truncated(_: unknown, position: number, start: number): Promise<'continue' | 'hold'> {
    this.asked.push(`truncated ${position} ${start}`);
    return Promise.resolve(this.decision);
  }

  beyondEnd(_: unknown, position: number, end: number): Promise<'hold' | 'fail'> {
    this.asked.push(`beyond ${position} ${end}`);
    return Promise.resolve(this.decision === 'hold' ? 'hold' : 'fail');
  }
}

describe('a position below the start of the partition', () => {
  it('is not gone on from while the handler says so, and read from the start when it says that', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(10));
    await deleteRecordsBelow(kafka, topic, 6);
    const handler = new DecidingHandler(new Map([[0, 2]]));
    await join(topic, handler);
    await until(() => handler.asked.length > 2);
    expect([total(handler), new Set(handler.asked)]).toEqual([0, new Set(['truncated 2 6'])]);
    handler.decision = 'continue';
    await until(() => total(handler) === 4);
    expect(handler.batches[0]).toMatchObject({ fromOffset: 2, nextOffset: 10 });
  });

  it('is asked about when records are deleted before they were read', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(10));
    const handler = new DecidingHandler();
    const released = Promise.withResolvers<undefined>();
    handler.beforeApply = async ({ nextOffset }) => {
      if (nextOffset === 20) await released.promise;
    };
    await join(topic, handler, { maxBytesPerPartition: 1 });
    await until(() => total(handler) === 10);
    await publisher.publish(topic, numbered(30));
    await deleteRecordsBelow(kafka, topic, 35);
    released.resolve(undefined);
    await until(() => handler.asked.length > 0, { withinMs: 30_000 });
    expect(handler.asked[0]).toBe('truncated 20 35');
    expect(total(handler)).toBe(20);
  }, 40_000);
});

describe('a position beyond the end of the partition', () => {
  it('is left alone while the handler says so, also when the topic has grown past it', async () => {
    const topic = await newTopic(kafka);
    const handler = new DecidingHandler(new Map([[0, 5]]));
    await join(topic, handler);
    await until(() => handler.asked.includes('beyond 5 0'));
    await publisher.publish(topic, numbered(10));
    await until(() => handler.asked.at(-1) === 'beyond 5 10');
    expect(total(handler)).toBe(0);
    handler.positions.set(0, 0);
    await until(() => total(handler) === 10);
    expect(handler.events.some((event) => event.startsWith('fail'))).toBe(false);
  }, 30_000);

  it('is the end of the member where the handler says so', async () => {
    const topic = await newTopic(kafka);
    const handler = new DecidingHandler(new Map([[0, 5]]));
    handler.decision = 'continue';
    await join(topic, handler);
    await until(() => handler.events.includes('fail OffsetBeyondEndError'));
  }, 30_000);
});

/** Counts what the driver's consumers do. */
function watchConsumers(connection: KafkaConnection): { fetches: number; beats: number } {
  const watch = { fetches: 0, beats: 0 };
  const { kafka: client } = connection[driver];
  const create = client.consumer.bind(client);
  client.consumer = (config): Consumer => {
    const consumer = create(config);
    consumer.on(consumer.events.FETCH_START, () => watch.fetches++);
    consumer.on(consumer.events.HEARTBEAT, () => watch.beats++);
    return consumer;
  };
  return watch;
}

describe('what a member holds in memory', () => {
  it('is one fetch of the size it asks for: nothing is fetched before that is applied', async () => {
    const topic = await newTopic(kafka, { partitions: 2 });
    await publisher.publish(topic, numbered(400, 'x'.repeat(1_000)));
    const handler = new RecordingHandler();
    const released = Promise.withResolvers<undefined>();
    const watched = connectTo(sharedKafka());
    const watch = watchConsumers(watched);
    const member = await joinGroup(watched, {
      groupId: `group.${topic}`,
      topics: [topic],
      handler,
      commit: false,
      maxBytesPerPartition: 30_000,
      maxBytes: 100_000,
      fail: () => undefined,
      sessionTimeoutMs: 6_000,
    });
    members.push(member);
    let applying = 0;
    handler.beforeApply = () => {
      applying++;
      return released.promise;
    };
    await until(() => applying === 1);
    const before = { ...watch };
    await until(() => watch.beats > before.beats);
    expect(watch.fetches).toBe(before.fetches);
    released.resolve(undefined);
    await until(() => total(handler) === 400);
    expect(Math.max(...handler.batches.map(({ records }) => records.length))).toBeLessThanOrEqual(30);
  }, 30_000);

  it('says how far it is behind, with every batch', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(30));
    const handler = new RecordingHandler();
    await join(topic, handler, { maxBytesPerPartition: 1 });
    await until(() => total(handler) === 30);
    expect(handler.batches.map(({ nextOffset, endOffset }) => [nextOffset, endOffset])).toEqual([
      [10, 30],
      [20, 30],
      [30, 30],
    ]);
  });
});
