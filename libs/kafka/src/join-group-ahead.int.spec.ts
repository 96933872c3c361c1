import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type GroupMember, joinGroup, type KafkaConnection, openPublisher, type Publisher } from './index.js';
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
  publisher = await openPublisher(kafka);
});

afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.close()));
});

afterAll(async () => {
  await publisher.close();
});

const keyed = (from: number, count: number): { key: string; value: string }[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: `v${from + i}` }));

async function joinAhead(topic: string, handler: RecordingHandler, aheadBytes = 1 << 20): Promise<GroupMember> {
  const fail = (error: Error): void => {
    handler.events.push(`fail ${error.name}`);
  };
  const member = await joinGroup(kafka, {
    groupId: `group.${topic}`,
    topics: [topic],
    handler,
    commit: true,
    sessionTimeoutMs: 6_000,
    partitionsConcurrently: 2,
    aheadBytes,
    fail,
  });
  members.push(member);
  return member;
}

/** Holds back every batch until it is called. */
function heldBack(handler: RecordingHandler): () => void {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  handler.beforeApply = () => promise.then(() => undefined);
  return () => {
    resolve(undefined);
  };
}

/** Long enough for some ten fetches. */
async function afterSomeFetches(): Promise<void> {
  const since = performance.now();
  await until(() => performance.now() - since > 1_000);
}

const total = (...handlers: readonly RecordingHandler[]): number => handlers.flatMap((one) => one.keys()).length;

describe('group member that takes batches on ahead', () => {
  /** Fetches 3 records, holds them back, and has the ones that come after them deleted. */
  async function deletedWhileHeld(handler: RecordingHandler, aheadBytes: number): Promise<void> {
    const topic = await newTopic(kafka);
    const release = heldBack(handler);
    await publisher.publish(topic, keyed(0, 3));
    await joinAhead(topic, handler, aheadBytes);
    await until(() => handler.owned.length === 1);
    await afterSomeFetches();
    await publisher.publish(topic, keyed(3, 4));
    await afterSomeFetches();
    await deleteRecordsBelow(kafka, topic, 7);
    await publisher.publish(topic, keyed(7, 1));
    release();
    await until(() => handler.positions.get(0) === 8);
  }

  it('has fetched what comes next while it applies', async () => {
    const handler = new RecordingHandler();
    await deletedWhileHeld(handler, 1 << 20);
    expect(handler.keys()).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7']);
  });

  it('has not where nothing may be held', async () => {
    const handler = new RecordingHandler();
    await deletedWhileHeld(handler, 0);
    expect(handler.keys()).toEqual(['k0', 'k1', 'k2', 'k7']);
  }, 20_000);

  it('drops what it holds of a partition when a batch of it is stale, and asks for the position', async () => {
    const topic = await newTopic(kafka);
    const handler = new RecordingHandler();
    const release = heldBack(handler);
    await publisher.publish(topic, keyed(0, 5));
    await joinAhead(topic, handler);
    await until(() => handler.owned.length === 1);
    await afterSomeFetches();
    await publisher.publish(topic, keyed(5, 5));
    await afterSomeFetches();
    handler.positions.set(0, 2);
    release();
    await until(() => handler.positions.get(0) === 10);
    expect(handler.keys()).toEqual(['k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9']);
    expect(handler.events).toEqual(['assigned 0', 'assigned 0']);
  });

  it('drops what it holds when its partitions are shared out again, every offset once', async () => {
    const topic = await newTopic(kafka, { partitions: 4 });
    const database = new Map<number, number>();
    const first = new RecordingHandler(database);
    const second = new RecordingHandler(database);
    const release = heldBack(first);
    await publisher.publish(topic, keyed(0, 100));
    await joinAhead(topic, first);
    await until(() => first.owned.length === 4);
    await afterSomeFetches();
    await publisher.publish(topic, keyed(100, 100));
    await afterSomeFetches();
    const joining = joinAhead(topic, second);
    await until(() => first.events.includes('lost'));
    release();
    await joining;
    await until(() => total(first, second) === 200, { withinMs: 40_000 });
    expect(new Set([...first.keys(), ...second.keys()]).size).toBe(200);
    expect(total(second)).toBeGreaterThan(0);
  }, 60_000);

  it('stays a member while it may hold no more and the batch takes longer than the session timeout', async () => {
    const topic = await newTopic(kafka);
    const handler = new RecordingHandler();
    const release = heldBack(handler);
    await publisher.publish(topic, keyed(0, 3));
    await joinAhead(topic, handler, 20);
    await until(() => handler.owned.length === 1);
    const since = performance.now();
    await publisher.publish(topic, keyed(3, 30));
    await until(() => performance.now() - since > 9_000, { withinMs: 15_000 });
    release();
    await until(() => total(handler) === 33);
    expect(handler.events).toEqual(['assigned 0']);
  }, 40_000);
});
