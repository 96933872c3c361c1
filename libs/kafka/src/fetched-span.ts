import { FetchedRecord, type LogRecord } from './log-record.js';
import { type AbortedTransaction, recordsIn } from './record-batch.js';
import type { TopicPartition } from './topic-partition.js';

/**
 * All that a fetch brought of a partition, as the one message that the driver takes it for. The driver moves a consumer to the
 * last message's offset; so it gets past what holds no record: batches emptied by compaction, control records, transactions
 * that were given up.
 */
export class FetchedSpan {
  readonly offset: string;
  readonly isControlRecord = false;
  readonly batchContext = { producerId: '-1', inTransaction: false } as const;

  constructor(
    lastOffset: number,
    readonly bytes: Buffer,
    private readonly aborted: readonly AbortedTransaction[],
  ) {
    this.offset = String(lastOffset);
  }

  recordsFrom(from: number, at: TopicPartition): readonly LogRecord[] {
    return recordsIn(this.bytes, { from, aborted: this.aborted }).map((record) => new FetchedRecord(at, record));
  }
}
