import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { driver } from './connection.js';
import {
  endOffsets,
  type KafkaConnection,
  openPublisher,
  PublishAbandonedError,
  RecordsRefusedError,
  RecordTooLargeError,
} from './index.js';
import { connectTo, newTopic } from './testing/connections.js';
import { seeingReader } from './testing/readers.js';
import { folded } from './testing/seen-records.js';
import { ownKafka, type OwnKafka, sharedKafka } from './testing/test-kafka.js';

let kafka: KafkaConnection;

beforeAll(() => {
  kafka = connectTo(sharedKafka());
});

async function valuesOf(connection: KafkaConnection, topic: string): Promise<ReadonlyMap<string, string>> {
  const { reader, seen } = await seeingReader(connection, topic);
  await reader.caughtUp(AbortSignal.timeout(20_000));
  await reader.close();
  return folded(seen);
}

/** Counts the produce requests that are under way at the same time, by the driver's own producer. */
function watchSends(connection: KafkaConnection): { most: number; sends: number } {
  const watch = { now: 0, most: 0, sends: 0 };
  const { kafka: client } = connection[driver];
  const create = client.producer.bind(client);
  client.producer = (config) => {
    const producer = create(config);
    const send = producer.send.bind(producer);
    producer.send = async (record) => {
      watch.sends++;
      watch.most = Math.max(watch.most, ++watch.now);
      return send(record).finally(() => watch.now--);
    };
    return producer;
  };
  return watch;
}

describe('publisher', () => {
  it('resolves with the next offset of every partition it touched', async () => {
    const topic = await newTopic(kafka, { partitions: 4 });
    const publisher = await openPublisher(kafka);
    const records = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, value: 'v' }));
    expect(await publisher.publish(topic, records)).toEqual(await endOffsets(kafka, topic));
    expect(await publisher.publish(topic, [])).toEqual(new Map());
    const [touched] = await publisher.publish(topic, [{ key: 'k0', value: 'w' }]);
    expect((await endOffsets(kafka, topic)).get(touched?.[0] ?? -1)).toBe(touched?.[1]);
    await publisher.close();
  });

  it('never has two sends in flight, however many calls there are', async () => {
    const watched = connectTo(sharedKafka());
    const watch = watchSends(watched);
    const topic = await newTopic(kafka, { partitions: 2 });
    const publisher = await openPublisher(watched, { maxBatchRecords: 10 });
    const call = (name: string): Promise<unknown> =>
      publisher.publish(
        topic,
        Array.from({ length: 100 }, (_, i) => ({ key: `${name}${i}`, value: 'v' })),
      );
    await Promise.all([call('a'), call('b'), call('c')]);
    expect(watch).toMatchObject({ most: 1, sends: 30 });
    expect((await valuesOf(kafka, topic)).size).toBe(300);
    await publisher.close();
  });

  it('splits by bytes, so that records just below max.message.bytes pass', async () => {
    const topic = await newTopic(kafka, { config: { 'max.message.bytes': '100000' } });
    const publisher = await openPublisher(kafka, { maxBatchBytes: 100_000 });
    const records = Array.from({ length: 20 }, (_, i) => ({
      key: `k${i}`,
      value: 'x'.repeat(i % 2 === 0 ? 99_850 : 500),
    }));
    await publisher.publish(topic, records);
    expect(await valuesOf(kafka, topic)).toEqual(new Map(records.map(({ key, value }) => [key, value])));
    await publisher.close();
  });

  it('halves a batch that the topic finds too large, and loses nothing of it', async () => {
    const topic = await newTopic(kafka, { partitions: 2, config: { 'max.message.bytes': '20000' } });
    const publisher = await openPublisher(kafka);
    const records = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, value: `${i} ${'x'.repeat(1_000)}` }));
    await publisher.publish(topic, records);
    expect(await valuesOf(kafka, topic)).toEqual(new Map(records.map(({ key, value }) => [key, value])));
    await publisher.close();
  });

  it('rejects a record that the topic cannot take, naming topic and sizes, and goes on with the next call', async () => {
    const topic = await newTopic(kafka, { config: { 'max.message.bytes': '20000' } });
    const publisher = await openPublisher(kafka);
    const records = ['a', 'large', 'b'].map((key) => ({ key, value: key === 'large' ? 'x'.repeat(30_000) : key }));
    const refused = publisher.publish(topic, records);
    await expect(refused).rejects.toThrow(RecordTooLargeError);
    await expect(refused).rejects.toMatchObject({ topic, keyBytes: 5 });
    await publisher.publish(topic, [{ key: 'c', value: 'c' }]);
    expect((await valuesOf(kafka, topic)).get('c')).toBe('c');
    await publisher.close();
  });

  it('rejects what the broker refuses for good', async () => {
    const publisher = await openPublisher(kafka);
    const refused = publisher.publish('not a name for a topic', [{ key: 'k', value: 'v' }]);
    await expect(refused).rejects.toThrow(RecordsRefusedError);
    await expect(refused).rejects.toThrow('not a name for a topic refuses the records: INVALID_TOPIC_EXCEPTION');
    await publisher.close();
  });

  it('gives up when its signal aborts or it is closed', async () => {
    const nowhere = connectTo({ brokers: ['127.0.0.1:1'] });
    const abort = new AbortController();
    const aborted = await openPublisher(nowhere, { signal: abort.signal });
    const given = expect(aborted.publish('topic', [{ key: 'k', value: 'v' }])).rejects.toThrow(PublishAbandonedError);
    abort.abort();
    await given;
    const closed = await openPublisher(nowhere);
    const closing = expect(closed.publish('topic', [{ key: 'k', value: 'v' }])).rejects.toThrow(PublishAbandonedError);
    await closed.close();
    await closing;
  });
});

describe('publisher during a broker restart', () => {
  let server: OwnKafka;

  beforeAll(async () => {
    server = await ownKafka();
  }, 60_000);

  afterAll(async () => {
    await server.close();
  });

  it('loses nothing, and repetitions collapse by key', async () => {
    const own = connectTo(server);
    const topic = await newTopic(own, { partitions: 4 });
    const publisher = await openPublisher(own, { maxBatchRecords: 50 });
    const reading = await seeingReader(own, topic);
    const records = Array.from({ length: 3_000 }, (_, i) => ({ key: `k${i % 2_000}`, value: `v${i}` }));
    let offsets: ReadonlyMap<number, number> = new Map();
    for (let from = 0; from < records.length; from += 100) {
      const call = publisher.publish(topic, records.slice(from, from + 100));
      if (from === 1_000) await (await server.crash()).restart();
      offsets = new Map([...offsets, ...(await call)]);
    }
    await reading.reader.reached(topic, offsets, AbortSignal.timeout(30_000));
    expect(reading.failures).toEqual([]);
    expect(folded(reading.seen)).toEqual(new Map(records.map(({ key, value }) => [key, value])));
    expect(await valuesOf(own, topic)).toEqual(folded(reading.seen));
    await reading.reader.close();
    await publisher.close();
  }, 90_000);

  it('waits for a broker that hangs, without doubling what it had sent', async () => {
    const own = connectTo(server);
    const topic = await newTopic(own);
    const publisher = await openPublisher(own);
    await publisher.publish(topic, [{ key: 'first', value: '1' }]);
    await server.pause();
    const call = publisher.publish(topic, [{ key: 'second', value: '2' }]);
    const slow = await Promise.race([call, new Promise((resolve) => setTimeout(resolve, 1_000, 'waiting'))]);
    server.resume();
    expect(slow).toBe('waiting');
    expect(await call).toEqual(new Map([[0, 2]]));
    expect(await endOffsets(own, topic)).toEqual(new Map([[0, 2]]));
    await publisher.close();
  }, 60_000);
});
