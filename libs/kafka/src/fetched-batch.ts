import type { Batch, IHeaders, KafkaMessage } from 'kafkajs';
import { parseOffset } from './offset-vector.js';
import { notData } from './record-batch.js';

/** One record of a topic. Buffers are views of the fetched bytes: copy what is kept for long. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since epoch, as the writer or the broker stamped it. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

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
  readonly records: readonly LogRecord[];
}

/** Offsets have gaps: the next offset comes from the batch, never from the last record. */
export function fetchedBatch(batch: Batch): FetchedBatch {
  const { topic, partition } = batch;
  return {
    topic,
    partition,
    fetchedOffset: fetchedOffset(batch),
    nextOffset: parseOffset(batch.lastOffset()) + 1,
    endOffset: parseOffset(batch.highWatermark),
    records: batch.messages
      .filter((message) => message.attributes !== notData)
      .map((message) => toRecord(topic, partition, message)),
  };
}

/** A field of the driver's class which its types leave out. */
function fetchedOffset(batch: Batch): number {
  const offset: unknown = Reflect.get(batch, 'fetchedOffset');
  if (typeof offset !== 'string') throw new Error('kafkajs batch without fetchedOffset');
  return parseOffset(offset);
}

function toRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  return {
    topic,
    partition,
    offset: parseOffset(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    get headers() {
      return toHeaders(message.headers);
    },
  };
}

function toHeaders(headers: IHeaders | undefined): Readonly<Record<string, Buffer>> {
  if (headers === undefined || !areBuffers(headers)) throw new Error('kafkajs headers that are not buffers');
  return headers;
}

function areBuffers(headers: IHeaders): headers is Record<string, Buffer> {
  return Object.values(headers).every((value) => Buffer.isBuffer(value));
}
