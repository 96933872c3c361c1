import type { Admin } from 'kafkajs';
import { driver, type KafkaConnection } from './connection.js';
import { retryPassing } from './retry-passing.js';

/** partition -> next offset: everything below it is meant. */
export type OffsetVector = ReadonlyMap<number, number>;

/** What a partition holds: the first offset kept and the next one to be written. */
export interface OffsetRange {
  readonly start: number;
  readonly end: number;
}

/** The next offset of every partition of the topic. Throws when the topic does not exist. */
export async function endOffsets(kafka: KafkaConnection, topic: string): Promise<OffsetVector> {
  const ranges = await offsetRanges(kafka, topic);
  return new Map([...ranges].map(([partition, { end }]) => [partition, end]));
}

export async function offsetRanges(kafka: KafkaConnection, topic: string): Promise<ReadonlyMap<number, OffsetRange>> {
  return retryPassing(() => withAdmin(kafka, (admin) => readOffsetRanges(admin, topic)));
}

export async function readOffsetRanges(admin: Admin, topic: string): Promise<ReadonlyMap<number, OffsetRange>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(
    offsets.map(({ partition, low, high }) => [partition, { start: parseOffset(low), end: parseOffset(high) }]),
  );
}

/** Whether no offset lies beyond the end of its partition. */
export function fitsIn(offsets: OffsetVector, ranges: ReadonlyMap<number, OffsetRange>): boolean {
  return [...offsets].every(([partition, offset]) => offset <= (ranges.get(partition)?.end ?? 0));
}

/** The driver's text as a number. Throws above 2^53. */
export function parseOffset(text: string): number {
  const offset = Number(text);
  if (!Number.isSafeInteger(offset)) throw new RangeError(`offset ${text} is not a safe integer`);
  return offset;
}

export async function withAdmin<T>(kafka: KafkaConnection, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka[driver].kafka.admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}
