import type { FetchedBatch } from './fetched-batch.js';
import type { OffsetRange } from './offset-vector.js';

/** Where a reader stands in a partition. */
export interface Standing {
  /** The next offset to be taken. */
  readonly position: number;
  /** Records from the position up to here are known to have been deleted by retention. */
  readonly floor: number;
}

/** The part of a batch that follows a position. */
export interface NextSlice {
  readonly kind: 'next';
  readonly fromOffset: number;
  readonly nextOffset: number;
  /** A fetched batch may begin with records that lie before. */
  readonly recordsFrom: number;
}

/** `elsewhere`: the batch was fetched for another position. */
export type BatchSlice = NextSlice | { readonly kind: 'elsewhere' };

export function sliceFrom(
  { position, floor }: Standing,
  { fetchedOffset, nextOffset }: Pick<FetchedBatch, 'fetchedOffset' | 'nextOffset'>,
): BatchSlice {
  const isGap = fetchedOffset > Math.max(position, floor);
  if (isGap || nextOffset <= position) return { kind: 'elsewhere' };
  return { kind: 'next', fromOffset: position, nextOffset, recordsFrom: Math.max(position, fetchedOffset) };
}

/** A position held against what the partition has kept. Throws RangeError when it is no offset. */
export function standingAt(position: number, { start }: OffsetRange): Standing {
  if (!Number.isSafeInteger(position) || position < 0) throw new RangeError(`${position} is not an offset`);
  return { position, floor: start };
}
