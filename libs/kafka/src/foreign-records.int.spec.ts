import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hybrid-sync/domain';
import { endOffsets, type KafkaConnection, openPublisher } from './index.js';
import { connectTo, newTopic } from './testing/connections.js';
import { javaClient } from './testing/java-client.js';
import { seeingReader } from './testing/readers.js';
import { ownKafka, type OwnKafka } from './testing/test-kafka.js';

let server: OwnKafka;
let kafka: KafkaConnection;

beforeAll(async () => {
  server = await ownKafka();
  kafka = connectTo(server);
}, 60_000);

afterAll(async () => {
  await server.close();
});

const brokers = (): string => server.brokers.join(',');

describe('records of the Java client', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('are read when they are compressed with %s', async (codec) => {
    const topic = await newTopic(kafka, { partitions: 2 });
    await javaClient(server.classPath, 'produce', brokers(), topic, codec, '500');
    const { reader, seen, failures } = await seeingReader(kafka, topic);
    await reader.caughtUp(AbortSignal.timeout(10_000));
    await reader.close();
    expect(failures).toEqual([]);
    const found = seen.map(({ key, value, headers }) => [String(key), String(value), String(headers['n'])]);
    const expected = Array.from({ length: 500 }, (_, i) => [
      `${codec}-${i}`,
      `${codec} value ${i} ${'x'.repeat(200)}`,
      String(i),
    ]);
    expect(found.sort()).toEqual(expected.sort());
  });

  it('lie in the partitions that ours would lie in', async () => {
    const topic = await newTopic(kafka, { partitions: 8 });
    const placed = await javaClient(server.classPath, 'produce', brokers(), topic, 'none', '200');
    expect(placed).toHaveLength(200);
    for (const line of placed) {
      const [key = '', partition] = line.split(' ');
      expect(partitionOf(Buffer.from(key), 8)).toBe(Number(partition));
    }
    const publisher = await openPublisher(kafka);
    await publisher.publish(
      topic,
      Array.from({ length: 200 }, (_, i) => ({ key: `none-${i}`, value: 'ours' })),
    );
    await publisher.close();
    const { reader, seen } = await seeingReader(kafka, topic);
    await reader.caughtUp(AbortSignal.timeout(10_000));
    await reader.close();
    const partitions = Map.groupBy(seen, ({ key }) => String(key));
    for (const records of partitions.values()) expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
    expect(partitions.size).toBe(200);
  });

  it('are passed over when their transaction was given up, up to the end of the topic', async () => {
    const topic = await newTopic(kafka);
    await javaClient(server.classPath, 'abort', brokers(), topic, '3000');
    const { reader, seen } = await seeingReader(kafka, topic);
    await reader.caughtUp(AbortSignal.timeout(10_000));
    expect(seen.map(({ key }) => String(key))).toEqual(['committed-0']);
    expect(reader.position(topic)).toEqual(await endOffsets(kafka, topic));
    await reader.close();
  });
});

describe('log reader that is evicted from its group', () => {
  it('joins again and applies each offset once', async () => {
    const topic = await newTopic(kafka);
    const publisher = await openPublisher(kafka);
    const { reader, seen, failures } = await seeingReader(kafka, topic, { groupPrefix: 'evicted' });
    await publisher.publish(
      topic,
      Array.from({ length: 50 }, (_, i) => ({ key: `a${i}`, value: 'v' })),
    );
    await reader.caughtUp();
    expect(await javaClient(server.classPath, 'evict', brokers(), 'evicted')).toEqual(['removed 1']);
    await publisher.publish(
      topic,
      Array.from({ length: 50 }, (_, i) => ({ key: `b${i}`, value: 'v' })),
    );
    await reader.caughtUp(AbortSignal.timeout(20_000));
    expect(failures).toEqual([]);
    expect(seen.map(({ offset }) => offset)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    await reader.close();
    await publisher.close();
  }, 40_000);
});
