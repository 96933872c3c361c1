import type { FetchedBatch, LogRecord } from './fetched-batch.js';
import type { OffsetRange } from './offset-vector.js';

/** Where a reader stands in a partition. */
export interface Standing {
  /** The next offset to apply. */
  readonly position: number;
  /** Records from the position up to here are known to have been deleted by retention. */
  readonly floor: number;
}

/** `next`: the part of the batch that follows the position. `elsewhere`: the batch was fetched for another position. */
export type BatchSlice =
  | {
      readonly kind: 'next';
      readonly fromOffset: number;
      readonly nextOffset: number;
      readonly records: readonly LogRecord[];
    }
  | { readonly kind: 'elsewhere' };

export function sliceFrom({ position, floor }: Standing, batch: FetchedBatch): BatchSlice {
  const isGap = batch.fetchedOffset > Math.max(position, floor);
  if (isGap || batch.nextOffset <= position) return { kind: 'elsewhere' };
  const records =
    batch.fetchedOffset >= position ? batch.records : batch.records.filter(({ offset }) => offset >= position);
  return { kind: 'next', fromOffset: position, nextOffset: batch.nextOffset, records };
}

/** A position held against what the partition has kept. Throws RangeError when it is no offset. */
export function standingAt(position: number, { start }: OffsetRange): Standing {
  if (!Number.isSafeInteger(position) || position < 0) throw new RangeError(`${position} is not an offset`);
  return { position, floor: start };
}
