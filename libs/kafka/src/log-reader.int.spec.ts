import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { endOffsets, type KafkaConnection, OffsetBeyondEndError, openPublisher, type Publisher } from './index.js';
import { connectTo, newTopic } from './testing/connections.js';
import { deleteRecordsBelow } from './testing/delete-records.js';
import { seeingReader } from './testing/readers.js';
import { asLines } from './testing/seen-records.js';
import { sharedKafka } from './testing/test-kafka.js';
import { until } from './testing/until.js';

let kafka: KafkaConnection;
let publisher: Publisher;

beforeAll(async () => {
  kafka = connectTo(sharedKafka());
  publisher = await openPublisher(kafka);
});

afterAll(async () => {
  await publisher.close();
});

const numbered = (from: number, count: number): { key: string; value: string }[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: `v${from + i}` }));

describe('log reader', () => {
  it('reads every partition from the beginning to the end and on', async () => {
    const topic = await newTopic(kafka, { partitions: 4 });
    await publisher.publish(topic, numbered(0, 50));
    const { reader, seen } = await seeingReader(kafka, topic);
    await reader.caughtUp();
    expect(seen).toHaveLength(50);
    const offsets = await publisher.publish(topic, numbered(50, 50));
    await reader.reached(topic, offsets);
    expect(new Set(seen.map(({ key }) => String(key)))).toEqual(new Set(numbered(0, 100).map(({ key }) => key)));
    expect(reader.position(topic)).toEqual(await endOffsets(kafka, topic));
    await reader.close();
  });

  it('gives key, value, headers, time and place of a record', async () => {
    const topic = await newTopic(kafka);
    const before = Date.now();
    await publisher.publish(topic, [{ key: 'k', value: Buffer.from('v'), headers: { a: '1', b: Buffer.from([2]) } }]);
    const { reader, seen } = await seeingReader(kafka, topic);
    await reader.caughtUp();
    const [record] = seen;
    expect(record).toMatchObject({ topic, partition: 0, offset: 0, key: Buffer.from('k'), value: Buffer.from('v') });
    expect(record?.headers).toEqual({ a: Buffer.from('1'), b: Buffer.from([2]) });
    expect(record?.timestamp).toBeGreaterThanOrEqual(before);
    await reader.close();
  });

  it('begins where it is told to', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(0, 10));
    const from = new Map([[topic, new Map([[0, 7]])]]);
    const { reader, seen } = await seeingReader(kafka, topic, { from });
    await reader.caughtUp();
    expect(asLines(seen)).toEqual(['0/7 k7=v7', '0/8 k8=v8', '0/9 k9=v9']);
    await reader.close();
  });

  it('begins at the beginning, of every partition, when it is told to begin beyond the end of one', async () => {
    const topic = await newTopic(kafka, { partitions: 2 });
    await publisher.publish(topic, numbered(0, 20));
    const ends = await endOffsets(kafka, topic);
    const from = new Map([[topic, new Map([...ends].map(([partition, end]) => [partition, end + partition]))]]);
    const { reader, seen, failures } = await seeingReader(kafka, topic, { from });
    await reader.caughtUp();
    expect([seen.length, failures]).toEqual([20, []]);
    await reader.close();
  });

  it('skips what retention has deleted', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(0, 10));
    await deleteRecordsBelow(kafka, topic, 6);
    const from = new Map([[topic, new Map([[0, 2]])]]);
    const { reader, seen } = await seeingReader(kafka, topic, { from });
    await reader.reached(topic, new Map([[0, 10]]));
    expect(asLines(seen)).toEqual(['0/6 k6=v6', '0/7 k7=v7', '0/8 k8=v8', '0/9 k9=v9']);
    await reader.close();
  });

  it('applies each offset once and in order although another member takes its partitions away and leaves again', async () => {
    const topic = await newTopic(kafka, { partitions: 3 });
    const { reader, seen, failures } = await seeingReader(kafka, topic);
    await publisher.publish(topic, numbered(0, 300));
    for (let round = 1; round <= 3; round++) {
      const intruder = await intrudeInto(`reader.${topic}`, topic);
      await publisher.publish(topic, numbered(round * 300, 300));
      await intruder.disconnect();
    }
    await reader.caughtUp(AbortSignal.timeout(20_000));
    expect(failures).toEqual([]);
    for (const partition of [0, 1, 2]) {
      const offsets = seen.filter((record) => record.partition === partition).map(({ offset }) => offset);
      expect(offsets).toEqual(offsets.map((_, index) => index));
    }
    expect(seen).toHaveLength(1200);
    await reader.close();
  }, 60_000);

  it('rejects whoever waits when it is closed or their signal aborts', async () => {
    const topic = await newTopic(kafka);
    const { reader } = await seeingReader(kafka, topic);
    const never = new Map([[0, 1]]);
    await expect(reader.reached(topic, never, AbortSignal.timeout(10))).rejects.toThrow('timeout');
    const waiting = reader.reached(topic, never);
    const rejected = expect(waiting).rejects.toThrow('closed');
    await reader.close();
    await rejected;
  });

  it('is dead when applying throws', async () => {
    const topic = await newTopic(kafka);
    const apply = (): void => {
      throw new Error('cannot be applied');
    };
    const { reader, failures } = await seeingReader(kafka, topic, { apply });
    await publisher.publish(topic, numbered(0, 1));
    await until(() => failures.length > 0);
    expect(failures.map(({ message }) => message)).toEqual(['cannot be applied']);
    await expect(reader.caughtUp()).rejects.toThrow('cannot be applied');
    await reader.close();
  });

  it('notices that the topic was deleted and made again', async () => {
    const topic = await newTopic(kafka);
    await publisher.publish(topic, numbered(0, 10));
    const { reader, failures } = await seeingReader(kafka, topic);
    await reader.caughtUp();
    const admin = new kafkajs.Kafka({
      brokers: [...sharedKafka().brokers],
      logLevel: kafkajs.logLevel.NOTHING,
    }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await admin.listTopics()).includes(topic));
    await until(() => admin.createTopics({ topics: [{ topic }] }).catch(() => false));
    await admin.disconnect();
    await until(() => failures.length > 0, { withinMs: 40_000, what: 'failure' });
    expect(failures[0]).toBeInstanceOf(OffsetBeyondEndError);
    await reader.close();
  }, 60_000);
});

/** A second member of the reader's group, which gets a part of the partitions and does nothing with them. */
async function intrudeInto(groupPrefix: string, topic: string): Promise<kafkajs.Consumer> {
  const driver = new kafkajs.Kafka({ brokers: [...sharedKafka().brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = driver.admin();
  await admin.connect();
  const { groups } = await admin.listGroups();
  await admin.disconnect();
  const groupId = groups.find((group) => group.groupId.startsWith(groupPrefix))?.groupId ?? 'none';
  const consumer = driver.consumer({ groupId, maxWaitTimeInMs: 50 });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
  await joined;
  return consumer;
}
