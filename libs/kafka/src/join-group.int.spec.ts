import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import {
  type GroupMember,
  type GroupOptions,
  joinGroup,
  type KafkaConnection,
  openPublisher,
  type Publisher,
} from './index.js';
import { connectTo, type LoggedLine, newTopic, recordingLog } from './testing/connections.js';
import { deleteRecordsBelow } from './testing/delete-records.js';
import { RecordingHandler } from './testing/recording-handler.js';
import { sharedKafka } from './testing/test-kafka.js';
import { until } from './testing/until.js';

let kafka: KafkaConnection;
let publisher: Publisher;
const lines: LoggedLine[] = [];
const members: GroupMember[] = [];

beforeAll(async () => {
  kafka = connectTo(sharedKafka(), recordingLog(lines));
  publisher = await openPublisher(kafka);
});

afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.close()));
});

afterAll(async () => {
  await publisher.close();
});

const numbered = (from: number, count: number): { key: string; value: string }[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: `v${from + i}` }));

async function join(
  topic: string,
  handler: RecordingHandler,
  options: Partial<GroupOptions> = {},
): Promise<GroupMember> {
  const member = await joinGroup(kafka, {
    groupId: `group.${topic}`,
    topics: [topic],
    handler,
    commit: true,
    fail: (error) => {
      handler.events.push(`fail ${error.name}`);
    },
    ...options,
  });
  members.push(member);
  return member;
}

const total = (handler: RecordingHandler): number => handler.keys().length;

describe('group member', () => {
  it('reads from where the handler says, whatever was committed', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(0, 10));
    const handler = new RecordingHandler(new Map([[0, 6]]));
    await join(topic, handler);
    await until(() => total(handler) === 4);
    expect(handler.batches[0]).toMatchObject({ fromOffset: 6, nextOffset: 10 });
  });

  it('commits what was applied, so that tools see no lag', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(0, 10));
    const handler = new RecordingHandler();
    const member = await join(topic, handler);
    await until(() => total(handler) === 10);
    await member.close();
    const admin = new kafkajs.Kafka({
      brokers: [...sharedKafka().brokers],
      logLevel: kafkajs.logLevel.NOTHING,
    }).admin();
    await admin.connect();
    const [committed] = await admin.fetchOffsets({ groupId: `group.${topic}`, topics: [topic] });
    await admin.disconnect();
    expect(committed?.partitions[0]?.offset).toBe('10');
  });

  it('asks for the position again when the handler calls a batch stale', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(0, 5));
    const handler = new RecordingHandler();
    await join(topic, handler);
    await until(() => total(handler) === 5);
    handler.positions.set(0, 2);
    await publisher.publish(topic, numbered(5, 1));
    await until(() => total(handler) === 5 + 4);
    expect(handler.keys().slice(5)).toEqual(['k2', 'k3', 'k4', 'k5']);
    expect(handler.events).toEqual(['assigned 0', 'assigned 0']);
  });

  it('tries the same batch again until it is applied, with one line per failure', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(0, 3));
    const handler = new RecordingHandler();
    let failures = 0;
    handler.beforeApply = () => (++failures <= 3 ? Promise.reject(new Error('database is down')) : Promise.resolve());
    await join(topic, handler);
    await until(() => total(handler) === 3);
    expect(handler.batches).toHaveLength(1);
    const said = lines.filter(({ message }) => message === 'batch could not be applied, retrying');
    expect(said.map(({ fields }) => fields)).toMatchObject([
      { attempt: 1, waitMs: 100 },
      { attempt: 2, waitMs: 200 },
      { attempt: 3, waitMs: 400 },
    ]);
  });

  it('continues behind what retention has deleted, from the position that the handler knows', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(0, 10));
    await deleteRecordsBelow(kafka, topic, 6);
    const handler = new RecordingHandler(new Map([[0, 2]]));
    await join(topic, handler);
    await until(() => total(handler) === 4);
    expect(handler.batches[0]).toMatchObject({ fromOffset: 2, nextOffset: 10 });
  });

  it('is dead when the handler continues beyond the end of a partition', async () => {
    const topic = await newTopic(kafka);
    const handler = new RecordingHandler(new Map([[0, 5]]));
    await join(topic, handler);
    await until(() => handler.events.includes('fail OffsetBeyondEndError'));
    expect(handler.events.at(-2)).toBe('lost');
  });

  it('stays a member while one batch takes longer than the session timeout', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(0, 3));
    const handler = new RecordingHandler();
    const released = Promise.withResolvers<undefined>();
    handler.beforeApply = async () => {
      await released.promise;
    };
    await join(topic, handler, { sessionTimeoutMs: 6_000 });
    await until(() => handler.owned.length === 1);
    const since = performance.now();
    await until(() => performance.now() - since > 9_000, { withinMs: 15_000 });
    released.resolve(undefined);
    await until(() => total(handler) === 3);
    expect(handler.events).toEqual(['assigned 0']);
  }, 40_000);

  it('shares partitions with a second member and takes them back when that one leaves, every offset once', async () => {
    const topic = await newTopic(kafka, { partitions: 4 });
    const database = new Map<number, number>();
    const first = new RecordingHandler(database);
    const second = new RecordingHandler(database);
    await join(topic, first);
    await publisher.publish(topic, numbered(0, 200));
    await until(() => total(first) === 200);
    const other = await join(topic, second);
    await until(() => first.owned.length === 2 && second.owned.length === 2);
    await publisher.publish(topic, numbered(200, 200));
    await until(() => total(first) + total(second) === 400);
    expect(total(second)).toBeGreaterThan(0);
    await other.close();
    await until(() => first.owned.length === 4);
    await publisher.publish(topic, numbered(400, 200));
    await until(() => total(first) + total(second) === 600);
    expect(new Set([...first.keys(), ...second.keys()]).size).toBe(600);
    expect(first.events).toEqual([
      'assigned 0,1,2,3',
      'lost',
      expect.stringMatching(/^assigned .,.$/),
      'lost',
      'assigned 0,1,2,3',
    ]);
    expect(second.events.at(-1)).toBe('lost');
  }, 60_000);

  it('loses the assignment at once when a slow batch outlives a rebalance', async () => {
    const topic = await newTopic(kafka, { partitions: 2 });
    await publisher.publish(topic, numbered(0, 20));
    const database = new Map<number, number>();
    const slow = new RecordingHandler(database);
    const released = Promise.withResolvers<undefined>();
    slow.beforeApply = async () => {
      await released.promise;
    };
    await join(topic, slow, { sessionTimeoutMs: 6_000 });
    await until(() => slow.owned.length === 2);
    const quick = new RecordingHandler(database);
    const joining = join(topic, quick, { sessionTimeoutMs: 6_000 });
    await until(() => slow.events.includes('lost'));
    released.resolve(undefined);
    await joining;
    await until(() => quick.owned.length === 1 && slow.owned.length === 1);
    await until(() => [...database.values()].reduce((sum, offset) => sum + offset, 0) === 20);
  }, 60_000);
});
