import type { AdminSession } from './admin-session.js';
import type { OffsetRange } from './offset-vector.js';
import type { TopicFound } from './topic-differences.js';

/** A topic as it is at this moment. */
export interface TopicLook extends TopicFound {
  /** As Kafka prints it. */
  readonly topicId: string;
  readonly ranges: ReadonlyMap<number, OffsetRange>;
}

/** Those of the topics that exist. */
export async function lookAtTopics(
  session: AdminSession,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicLook>> {
  const looks = new Map<string, TopicLook>();
  for (const [topic, { topicId, partitions }] of await session.metadata(topics)) {
    const config = await session.config(topic);
    looks.set(topic, { topicId, partitions, config, ranges: await session.ranges(topic) });
  }
  return looks;
}
