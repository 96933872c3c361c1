import { type BatchedRecord, findHeader, readHeaders } from './record-batch.js';
import type { TopicPartition } from './topic-partition.js';

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

/** One header of a record; where only one is wanted, it is not worth the while to read all of them. */
export function headerOf(record: LogRecord, name: string): Buffer | undefined {
  return record instanceof FetchedRecord ? record.header(name) : record.headers[name];
}

export class FetchedRecord implements LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  private readonly headerBytes: Buffer;

  constructor({ topic, partition }: TopicPartition, { offset, timestamp, key, value, headerBytes }: BatchedRecord) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.timestamp = timestamp;
    this.key = key;
    this.value = value;
    this.headerBytes = headerBytes;
  }

  get headers(): Readonly<Record<string, Buffer>> {
    return readHeaders(this.headerBytes);
  }

  header(name: string): Buffer | undefined {
    return findHeader(this.headerBytes, bytesOf(name));
  }
}

const known = new Map<string, Buffer>();

/** Those few names are asked for again and again. */
function bytesOf(name: string): Buffer {
  const bytes = known.get(name) ?? Buffer.from(name);
  known.set(name, bytes);
  return bytes;
}
