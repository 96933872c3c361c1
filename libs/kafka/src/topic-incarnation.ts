import kafkajs from 'kafkajs';
import { AdminSession } from './admin-session.js';
import type { KafkaConnection } from './connection.js';
import { retryPassing } from './retry-passing.js';
import { lookAtTopics, type TopicLook } from './topic-look.js';

/**
 * Which topic of that name this is: the id that Kafka gave it, and of a compacted topic also where its partitions begin,
 * where that is not offset 0: `<id>`, or `<id> 3=500 5=20`. A topic that was deleted and made again is another
 * incarnation, and so is one of which records were deleted. Compaction changes nothing.
 * Throws when there is no such topic, and TopicIdsMissingError.
 */
export async function topicIncarnation(kafka: KafkaConnection, topic: string): Promise<string> {
  return retryPassing(async () => {
    const session = await AdminSession.open(kafka);
    try {
      const look = (await lookAtTopics(session, [topic])).get(topic);
      // The broker that is asked may be the last to hear of a topic.
      if (look === undefined) throw new kafkajs.KafkaJSError(`topic ${topic} does not exist`, { retriable: true });
      return incarnationOf(look);
    } finally {
      await session.close();
    }
  });
}

/** Retention moves the beginning of other topics all the time: only of a compacted one does it say that records are gone. */
export function incarnationOf({ topicId, config, ranges }: Pick<TopicLook, 'topicId' | 'config' | 'ranges'>): string {
  const isCompacted = config.get('cleanup.policy') === 'compact';
  const truncated = [...ranges].filter(([, { start }]) => isCompacted && start > 0).sort(([a], [b]) => a - b);
  return [topicId, ...truncated.map(([partition, { start }]) => `${partition}=${start}`)].join(' ');
}
