import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type KafkaConnection,
  openPublisher,
  topicIncarnation,
  type TopicSettings,
  type TopicState,
  type TopicWatch,
  watchTopics,
} from './index.js';
import { alterTopic, withPlainAdmin } from './testing/admin.js';
import { connectTo, newTopic } from './testing/connections.js';
import { recreateTopic } from './testing/recreate-topic.js';
import { sharedKafka } from './testing/test-kafka.js';
import { until } from './testing/until.js';

let kafka: KafkaConnection;
const watches: TopicWatch[] = [];

beforeAll(() => {
  kafka = connectTo(sharedKafka());
});

afterEach(async () => {
  await Promise.all(watches.splice(0).map((watch) => watch.close()));
});

const compact = { 'cleanup.policy': 'compact' };
const compacted = (name: string, partitions = 2): TopicSettings => ({
  name,
  partitions,
  config: compact,
  exact: ['cleanup.policy'],
  atLeast: [],
});

interface Watching {
  readonly watch: TopicWatch;
  readonly seen: TopicState[];
  readonly last: () => TopicState | undefined;
}

function watching(connection: KafkaConnection, topics: readonly TopicSettings[]): Watching {
  const seen: TopicState[] = [];
  const watch = watchTopics(connection, { topics, everyMs: 50, changed: (state) => seen.push(state) });
  watches.push(watch);
  return { watch, seen, last: () => seen.at(-1) };
}

describe('a watch over topics', () => {
  it('says once how each topic is, and keeps what it holds up to date without a word', async () => {
    const names = [await newTopic(kafka, { partitions: 2, config: compact }), await newTopic(kafka)];
    const [first = '', second = ''] = names;
    const incarnation = await topicIncarnation(kafka, first);
    const { watch, seen } = watching(kafka, [compacted(first), compacted(second, 1)]);
    await until(() => seen.length === 2);
    const publisher = await openPublisher(kafka);
    const offsets = await publisher.publish(first, [{ key: 'k', value: 'v' }]);
    await publisher.close();
    const [[partition, end] = [-1, -1]] = offsets;
    await until(() => watch.state().get(first)?.ranges.get(partition)?.end === end);
    expect(seen.map(({ topic }) => topic)).toEqual(names);
    expect(seen[0]).toMatchObject({ incarnation, differences: [] });
    expect(seen[1]?.differences).toEqual([
      { topic: second, setting: 'cleanup.policy', expected: 'compact', actual: 'delete' },
    ]);
  });

  it('notices that partitions were added', async () => {
    const topic = await newTopic(kafka, { partitions: 2, config: compact });
    const { seen, last } = watching(kafka, [compacted(topic)]);
    await until(() => seen.length === 1);
    await withPlainAdmin(sharedKafka().brokers, (admin) =>
      admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }),
    );
    await until(() => seen.length === 2);
    expect(last()?.differences).toEqual([{ topic, setting: 'partitions', expected: '2', actual: '3' }]);
    expect(last()?.incarnation).toBe(seen[0]?.incarnation);
  });

  it('notices that the cleanup policy was altered, and that it was set back', async () => {
    const topic = await newTopic(kafka, { partitions: 2, config: compact });
    const { seen } = watching(kafka, [compacted(topic)]);
    await until(() => seen.length === 1);
    await alterTopic(sharedKafka().brokers, topic, { 'cleanup.policy': 'delete' });
    await until(() => seen.length === 2);
    await alterTopic(sharedKafka().brokers, topic, compact);
    await until(() => seen.length === 3);
    expect(seen.map(({ differences }) => differences.map(({ actual }) => actual))).toEqual([[], ['delete'], []]);
    expect(new Set(seen.map(({ incarnation }) => incarnation)).size).toBe(1);
  });

  it('notices that a topic was deleted and made again', async () => {
    const topic = await newTopic(kafka, { partitions: 2, config: compact });
    const { seen, last } = watching(kafka, [compacted(topic)]);
    await until(() => seen.length === 1);
    await recreateTopic(kafka, topic, 2);
    const incarnation = await topicIncarnation(kafka, topic);
    await until(() => last()?.incarnation === incarnation);
    expect(incarnation).not.toBe(seen[0]?.incarnation);
    const policies = last()?.differences.map(({ setting }) => setting);
    expect(policies).toEqual(['cleanup.policy']);
  }, 30_000);

  it('says that a topic is missing, and sees it once it is there', async () => {
    const topic = `test-${crypto.randomUUID()}`;
    const { seen, last } = watching(kafka, [compacted(topic, 1)]);
    await until(() => seen.length === 1);
    expect(last()).toMatchObject({
      incarnation: null,
      differences: [{ topic, setting: 'topic', expected: 'exists', actual: 'missing' }],
    });
    await withPlainAdmin(sharedKafka().brokers, (admin) => admin.createTopics({ topics: [{ topic }] }));
    await until(() => last()?.incarnation !== null);
  }, 30_000);
});
