import type { LogRecord } from './fetched-batch.js';
import type { TopicPartition } from './topic-partition.js';

export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  /** The member's position: everything that the log still holds from here is in the batch. */
  readonly fromOffset: number;
  /** The position once the batch is applied; beyond the last record where offsets hold none. */
  readonly nextOffset: number;
  /** May be empty: the position moves all the same. */
  readonly records: readonly LogRecord[];
}

export interface GroupHandler {
  /**
   * The offset to read from, for each assigned partition. It counts, not what was committed to Kafka.
   * Not called for an empty assignment. Retried when it throws.
   */
  assigned(
    partitions: readonly TopicPartition[],
  ): Promise<readonly { readonly topic: string; readonly partition: number; readonly nextOffset: number }[]>;
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
  /** Batches of different partitions applied at the same time. Default 1. */
  readonly partitionsConcurrently?: number;
  /** The member is dead for good: the process should end. */
  fail(error: Error): void;
}
