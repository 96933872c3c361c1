import { z } from 'zod';
import { canonicalHash32, type Hash32 } from './hex.js';

/** A whole number that JSON carries exactly. */
export const blockNumber = z.int().min(0);

/** A block time on a wire, RFC 3339 in UTC; inside, seconds since the epoch. */
export const wireSeconds = z.iso.datetime({ precision: 0 }).transform((text) => Date.parse(text) / 1000);

/** 9999-12-31T23:59:59Z, the last second that RFC 3339 can write. */
const lastSecond = 253_402_300_799;

/** RFC 3339 in UTC, from seconds since the epoch. A chain may claim any time: one too far off is written as the last second. */
export function blockTime(seconds: number): string {
  return new Date(Math.min(seconds, lastSecond) * 1000).toISOString().replace('.000Z', 'Z');
}

/** `timestamp` in seconds since the epoch, as the header says. */
export interface BlockRef {
  readonly number: number;
  readonly hash: Hash32;
  readonly timestamp: number;
}

/** A block with the link that makes it part of a chain. */
export interface Block extends BlockRef {
  readonly parentHash: Hash32;
}

/** A {@link BlockRef} on a wire. */
export const wireBlock = z.strictObject({ number: blockNumber, hash: canonicalHash32, timestamp: wireSeconds });

/** Fixed field order. */
export function encodeBlock(block: BlockRef): z.input<typeof wireBlock> {
  return { number: block.number, hash: block.hash, timestamp: blockTime(block.timestamp) };
}
