import kafkajs, { type Admin } from 'kafkajs';
import { driver, type KafkaConnection } from './connection.js';
import { withAdmin } from './offset-vector.js';
import { retryPassing } from './retry-passing.js';
import { readTopicConfig } from './topic-config.js';
import { type TopicDifference, topicDifferences, type TopicFound, TopicMismatchError } from './topic-differences.js';
import type { TopicSettings, TopicSetup } from './topic-settings.js';

/**
 * Resolves when every topic exists as it should be and every partition has a leader. Several processes may do this at once.
 * Throws TopicMismatchError with every difference at once.
 */
export async function ensureTopics(
  kafka: KafkaConnection,
  topics: readonly TopicSettings[],
  setup: TopicSetup,
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    if (setup.mode === 'create')
      await createMissing(kafka, admin, topics, setup.replicationFactor ?? (await copiesFor(admin)));
    const differences =
      setup.mode === 'create'
        ? await retryPassing(() => differencesOfMade(admin, topics))
        : await findDifferences(admin, topics);
    if (differences.length > 0) throw new TopicMismatchError(differences);
  });
}

async function copiesFor(admin: Admin): Promise<number> {
  const { brokers } = await admin.describeCluster();
  return Math.min(3, brokers.length);
}

async function createMissing(
  kafka: KafkaConnection,
  admin: Admin,
  topics: readonly TopicSettings[],
  replicationFactor: number,
): Promise<void> {
  const existing = await admin.listTopics();
  for (const { name, partitions, config } of topics.filter((topic) => !existing.includes(topic.name))) {
    const configEntries = Object.entries(config).map(([setting, value]) => ({ name: setting, value }));
    const topic = { topic: name, numPartitions: partitions, replicationFactor, configEntries };
    // False when another process was faster. The wait for leaders comes below, for both.
    const created = await admin.createTopics({ topics: [topic], waitForLeaders: false });
    if (created) kafka[driver].log.info({ topic: name, partitions, replicationFactor }, 'topic created');
    await retryPassing(() => requireLeaders(admin, name));
  }
}

/** The metadata is asked with an error, or shows no leader, while brokers still learn of a new topic. */
async function requireLeaders(admin: Admin, topic: string): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const isLed = topics.every(
    ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
  );
  if (!isLed) throw new kafkajs.KafkaJSError(`topic ${topic} has partitions without a leader`, { retriable: true });
}

/** Every topic is there, but the broker that is asked may be the last to hear of it. */
async function differencesOfMade(admin: Admin, topics: readonly TopicSettings[]): Promise<readonly TopicDifference[]> {
  const differences = await findDifferences(admin, topics);
  const unknown = differences.find(({ setting }) => setting === 'topic');
  if (unknown === undefined) return differences;
  throw new kafkajs.KafkaJSError(`topic ${unknown.topic} is not known to every broker yet`, { retriable: true });
}

async function findDifferences(admin: Admin, topics: readonly TopicSettings[]): Promise<readonly TopicDifference[]> {
  const existing = await admin.listTopics();
  const found = await Promise.all(
    topics.map(({ name }) => (existing.includes(name) ? describe(admin, name) : Promise.resolve(undefined))),
  );
  return topics.flatMap((topic, index) => topicDifferences(topic, found[index]));
}

async function describe(admin: Admin, topic: string): Promise<TopicFound> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
  return { partitions, config: await readTopicConfig(admin, topic) };
}
