import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { endOffsets, ensureTopics, type KafkaConnection, TopicMismatchError, type TopicSettings } from './index.js';
import { connectTo } from './testing/connections.js';
import { sharedKafka } from './testing/test-kafka.js';

let kafka: KafkaConnection;

beforeAll(() => {
  kafka = connectTo(sharedKafka());
});

const settings = (changes: Partial<TopicSettings> = {}): TopicSettings => ({
  name: `test-${randomUUID()}`,
  partitions: 8,
  config: { 'cleanup.policy': 'compact', 'delete.retention.ms': '604800000', 'min.insync.replicas': '1' },
  exact: ['cleanup.policy'],
  atLeast: ['delete.retention.ms'],
  ...changes,
});

const create = { mode: 'create', replicationFactor: 1 } as const;
const verify = { mode: 'verify', replicationFactor: 1 } as const;

describe('topic set-up', () => {
  it('creates what is missing, ready to be used, and finds nothing to complain about afterwards', async () => {
    const topics = [settings(), settings({ partitions: 1 })];
    await ensureTopics(kafka, topics, create);
    await ensureTopics(kafka, topics, create);
    await ensureTopics(kafka, topics, verify);
    const [first, second] = await Promise.all(topics.map(({ name }) => endOffsets(kafka, name)));
    expect([first?.size, second?.size]).toEqual([8, 1]);
  });

  it('may be done by several processes at the same moment', async () => {
    const topics = [settings(), settings()];
    await Promise.all(Array.from({ length: 4 }, () => ensureTopics(kafka, topics, create)));
    await ensureTopics(kafka, topics, verify);
  });

  it('creates nothing when it is to verify', async () => {
    const topic = settings();
    const verified = ensureTopics(kafka, [topic], verify);
    await expect(verified).rejects.toMatchObject({
      differences: [{ topic: topic.name, setting: 'topic', expected: 'exists', actual: 'missing' }],
    });
    await expect(ensureTopics(kafka, [topic], verify)).rejects.toThrow(TopicMismatchError);
  });

  it.each(['create', 'verify'] as const)('names every wrong setting at once when it is to %s', async (mode) => {
    const topic = settings({ partitions: 3, config: { 'cleanup.policy': 'delete', 'delete.retention.ms': '1000' } });
    await ensureTopics(kafka, [topic], create);
    const expected = settings({ name: topic.name });
    const missing = settings();
    const topics = mode === 'create' ? [expected] : [expected, missing];
    const refused = ensureTopics(kafka, topics, { mode, replicationFactor: 1 });
    await expect(refused).rejects.toThrow('cleanup.policy is delete, expected compact');
    await expect(refused).rejects.toMatchObject({
      differences: [
        { topic: topic.name, setting: 'partitions', expected: '8', actual: '3' },
        { topic: topic.name, setting: 'cleanup.policy', expected: 'compact', actual: 'delete' },
        { topic: topic.name, setting: 'delete.retention.ms', expected: 'at least 604800000', actual: '1000' },
        ...(mode === 'create'
          ? []
          : [{ topic: missing.name, setting: 'topic', expected: 'exists', actual: 'missing' }]),
      ],
    });
  });

  it('accepts a retention that is longer than asked for, or unlimited', async () => {
    const retention = (value: string): Pick<TopicSettings, 'config' | 'exact' | 'atLeast'> => ({
      config: { 'retention.ms': value },
      exact: [],
      atLeast: ['retention.ms'],
    });
    const topic = settings(retention('-1'));
    await ensureTopics(kafka, [topic], create);
    await ensureTopics(kafka, [{ ...topic, ...retention('1000') }], verify);
  });
});
