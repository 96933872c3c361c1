import { beforeAll, describe, expect, it } from '@jest/globals';
import { type KafkaConnection, openPublisher, topicIncarnation } from './index.js';
import { alterTopic, withPlainAdmin } from './testing/admin.js';
import { connectTo, newTopic } from './testing/connections.js';
import { deleteRecordsBelow } from './testing/delete-records.js';
import { recreateTopic } from './testing/recreate-topic.js';
import { sharedKafka } from './testing/test-kafka.js';

let kafka: KafkaConnection;

beforeAll(() => {
  kafka = connectTo(sharedKafka());
});

const compact = { 'cleanup.policy': 'compact' };

async function publishSome(topic: string): Promise<void> {
  const publisher = await openPublisher(kafka);
  await publisher.publish(
    topic,
    Array.from({ length: 10 }, (_, i) => ({ key: `k${i}`, value: 'v' })),
  );
  await publisher.close();
}

describe('the incarnation of a topic on a broker', () => {
  it('is the id that Kafka gave it, whatever is written to it', async () => {
    const topic = await newTopic(kafka, { partitions: 4, config: compact });
    const incarnation = await topicIncarnation(kafka, topic);
    expect(incarnation).toMatch(/^[\w-]{22}$/);
    await publishSome(topic);
    expect(await topicIncarnation(kafka, topic)).toBe(incarnation);
  });

  it('is another one when a topic of that name is made again', async () => {
    const topic = await newTopic(kafka, { config: compact });
    const before = await topicIncarnation(kafka, topic);
    await recreateTopic(kafka, topic, 1);
    const after = await topicIncarnation(kafka, topic);
    expect(after).toMatch(/^[\w-]{22}$/);
    expect(after).not.toBe(before);
  });

  it('says from where on a compacted topic holds records, where some of them were deleted', async () => {
    const topic = await newTopic(kafka, { config: compact });
    const before = await topicIncarnation(kafka, topic);
    await publishSome(topic);
    // The broker refuses to while the policy is compact: somebody has to alter it first.
    await alterTopic(sharedKafka().brokers, topic, { 'cleanup.policy': 'delete' });
    await deleteRecordsBelow(kafka, topic, 6);
    expect(await topicIncarnation(kafka, topic)).toBe(before);
    await alterTopic(sharedKafka().brokers, topic, compact);
    expect(await topicIncarnation(kafka, topic)).toBe(`${before} 0=6`);
  });

  it('is none where there is no such topic, which is not made', async () => {
    const topic = 'test-that-nobody-made';
    await expect(topicIncarnation(kafka, topic)).rejects.toThrow('topic test-that-nobody-made does not exist');
    const made = await withPlainAdmin(sharedKafka().brokers, (admin) => admin.listTopics());
    expect(made).not.toContain(topic);
  }, 20_000);
});
