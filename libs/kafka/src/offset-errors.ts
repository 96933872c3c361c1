import type { TopicPartition } from './topic-partition.js';

/** The position lies beyond the end of the partition: the topic was deleted and made again, or it lost records. */
export class OffsetBeyondEndError extends Error {
  override readonly name = 'OffsetBeyondEndError';

  constructor(
    readonly at: TopicPartition,
    readonly position: number,
    readonly end: number,
  ) {
    super(
      `position ${position} is beyond the end ${end} of ${at.topic}/${at.partition}: the topic was recreated or truncated`,
    );
  }
}
