import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Consumer, type KafkaMessage } from 'kafkajs';

/** Called for every record of the topic from its beginning, as soon as it can be read. */
export type Apply = (message: KafkaMessage) => void;

/** A plain consumer of one topic: nothing of the project's own reader is in it. */
export interface TopicTail {
  close(): Promise<void>;
}

/** Resolves once the topic is there and the consumer has its partitions. */
export async function tailTopic(brokers: string, topic: string, apply: Apply): Promise<TopicTail> {
  const kafka = plainKafka(brokers);
  await untilExists(brokers, topic);
  const consumer = kafka.consumer({ groupId: `bench.${crypto.randomUUID()}`, maxWaitTimeInMs: 1_000 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const joined = hasJoined(consumer);
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: true,
    // eslint-disable-next-line @typescript-eslint/require-await -- the driver wants a promise
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) apply(message);
    },
  });
  await joined;
  return { close: () => consumer.disconnect() };
}

/** The driver as anybody would use it. */
export function plainKafka(brokers: string): kafkajs.Kafka {
  return new kafkajs.Kafka({ brokers: brokers.split(','), clientId: 'bench', logLevel: kafkajs.logLevel.NOTHING });
}

function hasJoined(consumer: Consumer): Promise<void> {
  return new Promise((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      resolve();
    });
  });
}

async function untilExists(brokers: string, topic: string): Promise<void> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  while (!(await admin.listTopics()).includes(topic)) await sleep(50);
  await admin.disconnect();
}

/** How many records were ever appended to a topic of which nothing has been deleted. */
export async function recordsOn(brokers: string, topic: string): Promise<number> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}

/** How many different keys the first so many records have. */
export async function keysOn(brokers: string, topic: string, records: number): Promise<number> {
  const keys = new Set<string>();
  let seen = 0;
  const all = Promise.withResolvers<undefined>();
  if (records === 0) return 0;
  const tail = await tailTopic(brokers, topic, ({ key }) => {
    keys.add(key?.toString('latin1') ?? '');
    seen += 1;
    if (seen === records) all.resolve(undefined);
  });
  await all.promise;
  await tail.close();
  return keys.size;
}
