import type { Batch } from 'kafkajs';
import { FetchedSpan } from './fetched-span.js';
import type { LogRecord } from './log-record.js';
import { parseOffset } from './offset-vector.js';

/** What one fetch brought of a partition. */
export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  /** The offset that was asked for. */
  readonly fetchedOffset: number;
  /** Everything below it has been fetched. */
  readonly nextOffset: number;
  /** What the partition held below then: the next offset to be written. */
  readonly endOffset: number;
  /** As they lie on the broker's disk. */
  readonly bytes: number;
  /** Reads the records from an offset on: bytes until then, and many times as large afterwards. */
  recordsFrom(offset: number): readonly LogRecord[];
}

/** Offsets have gaps: the next offset comes from the batch, never from the last record. */
export function fetchedBatch(batch: Batch): FetchedBatch {
  const { topic, partition } = batch;
  const span = spanOf(batch);
  return {
    topic,
    partition,
    fetchedOffset: fetchedOffset(batch),
    nextOffset: parseOffset(batch.lastOffset()) + 1,
    endOffset: parseOffset(batch.highWatermark),
    bytes: span?.bytes.length ?? 0,
    recordsFrom: (offset) => span?.recordsFrom(offset, { topic, partition }) ?? [],
  };
}

function spanOf(batch: Batch): FetchedSpan | undefined {
  const [message]: readonly unknown[] = batch.messages;
  if (message === undefined || message instanceof FetchedSpan) return message;
  throw new Error('kafkajs batch that this package has not decoded');
}

/** A field of the driver's class which its types leave out. */
function fetchedOffset(batch: Batch): number {
  const offset: unknown = Reflect.get(batch, 'fetchedOffset');
  if (typeof offset !== 'string') throw new Error('kafkajs batch without fetchedOffset');
  return parseOffset(offset);
}
