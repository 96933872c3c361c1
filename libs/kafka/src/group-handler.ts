import type { LogRecord } from './log-record.js';
import type { TopicPartition } from './topic-partition.js';

export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  /** The member's position: everything that the log still holds from here is in the batch. */
  readonly fromOffset: number;
  /** The position once the batch is applied; beyond the last record where offsets hold none. */
  readonly nextOffset: number;
  /** The end of the partition when the batch was fetched: the member lags `endOffset - nextOffset` records behind then. */
  readonly endOffset: number;
  /** May be empty: the position moves all the same. */
  readonly records: readonly LogRecord[];
}

export interface GroupHandler {
  /**
   * The offset to read from, for each assigned partition. It counts, not what was committed to Kafka. A partition that is
   * left out is held: nothing of it is applied, and it is asked for again within seconds.
   * Not called for an empty assignment. Retried when it throws.
   */
  assigned(
    partitions: readonly TopicPartition[],
  ): Promise<readonly { readonly topic: string; readonly partition: number; readonly nextOffset: number }[]>;
  /**
   * The records from `position` up to `start` are gone, unread. Without this method, and with `continue`, the member goes
   * on from `start`; with `hold` as with a partition that `assigned` leaves out. Retried when it throws.
   */
  truncated?(at: TopicPartition, position: number, start: number): Promise<'continue' | 'hold'>;
  /**
   * The broker has refused to read from `position`, which lies beyond `end`: the topic was made again, or lost records.
   * Without this method, and with `fail`, the member fails with OffsetBeyondEndError. Retried when it throws.
   */
  beyondEnd?(at: TopicPartition, position: number, end: number): Promise<'hold' | 'fail'>;
  /** The assignment is gone or being rebalanced: stop acting on it at once. */
  lost(): void;
  /**
   * Retried with the same batch when it throws, until it succeeds or the assignment is gone.
   * `stale`: somebody else moved the position; the member asks `assigned` again for that partition.
   */
  apply(batch: RecordBatch): Promise<'applied' | 'stale'>;
}

export interface GroupMember {
  /** Leaves the group, after a last commit. Does not wait for an `apply` that hangs longer than 3 s. */
  close(): Promise<void>;
}

export interface GroupOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly handler: GroupHandler;
  /** Commit positions to Kafka after they were applied, for lag tools. Nothing here reads them. */
  readonly commit: boolean;
  /** Default 10 s: how long others wait for a member that was killed. The broker allows group.min.session.timeout.ms (6 s) and more. */
  readonly sessionTimeoutMs?: number;
  /** Most that one fetch asks for of a partition, as it lies on the broker's disk. Default 1 MiB. One batch always comes. */
  readonly maxBytesPerPartition?: number;
  /** Most that one fetch asks for in all, as it lies on the broker's disk. Default 10 MiB. */
  readonly maxBytes?: number;
  /** Batches of different partitions applied at the same time. Default 1. */
  readonly partitionsConcurrently?: number;
  /**
   * Keys and values that may be held, fetched and not applied yet, while the next fetch is under way: memory holds as much,
   * and one fetch of each broker. Default 0: what a fetch brought is applied before the next one.
   */
  readonly aheadBytes?: number;
  /** The member is dead for good: the process should end. */
  fail(error: Error): void;
}
