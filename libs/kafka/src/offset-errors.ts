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

/** The broker no longer has, or does not have yet, the offset that was asked for. */
export class OffsetOutOfRangeError extends Error {
  override readonly name = 'OffsetOutOfRangeError';
  /** For the driver, which would otherwise ask again. */
  readonly retriable = false;

  constructor(readonly at: TopicPartition) {
    super(`a fetch of ${at.topic}/${at.partition} was out of range`);
  }
}
