import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type KafkaConnection, openPublisher } from './index.js';
import { connectTo, newTopic } from './testing/connections.js';
import { seeingReader } from './testing/readers.js';
import { folded } from './testing/seen-records.js';
import { ownKafka, type OwnKafka } from './testing/test-kafka.js';

let server: OwnKafka;
let kafka: KafkaConnection;

beforeAll(async () => {
  server = await ownKafka({ nodes: 3, properties: { 'broker.session.timeout.ms': '3000' } });
  kafka = connectTo(server);
}, 120_000);

afterAll(async () => {
  await server.close();
});

describe('topics made on three brokers', () => {
  it('are found although the broker that is asked may be the last to hear of them', async () => {
    const made = Array.from({ length: 20 }, () => newTopic(kafka, { partitions: 6, replicationFactor: 3 }));
    expect(new Set(await Promise.all(made)).size).toBe(20);
  }, 60_000);
});

describe('publishing to three brokers of which one is killed', () => {
  it('loses nothing when partitions get new leaders', async () => {
    const topic = await newTopic(kafka, {
      partitions: 6,
      replicationFactor: 3,
      config: { 'min.insync.replicas': '2' },
    });
    const publisher = await openPublisher(kafka, { maxBatchRecords: 100 });
    const { reader, seen, failures } = await seeingReader(kafka, topic);
    const records = Array.from({ length: 4_000 }, (_, i) => ({ key: `k${i}`, value: `v${i}` }));
    let offsets: ReadonlyMap<number, number> = new Map();
    for (let from = 0; from < records.length; from += 200) {
      const call = publisher.publish(topic, records.slice(from, from + 200));
      if (from === 1_000) server.killNode(1);
      offsets = new Map([...offsets, ...(await call)]);
    }
    await reader.reached(topic, offsets, AbortSignal.timeout(40_000));
    expect(failures).toEqual([]);
    expect(folded(seen)).toEqual(new Map(records.map(({ key, value }) => [key, value])));
    await Promise.all([reader.close(), publisher.close()]);
  }, 120_000);
});
