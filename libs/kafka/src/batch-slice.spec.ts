import { describe, expect, it } from '@jest/globals';
import { sliceFrom, standingAt } from './batch-slice.js';
import type { FetchedBatch } from './fetched-batch.js';

const record = (offset: number): FetchedBatch['records'][number] => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 0,
  key: null,
  value: null,
  headers: {},
});
const batch = (fetchedOffset: number, nextOffset: number, ...offsets: readonly number[]): FetchedBatch => ({
  topic: 't',
  partition: 0,
  fetchedOffset,
  nextOffset,
  endOffset: nextOffset,
  records: offsets.map(record),
});

describe('the slice of a batch that follows a position', () => {
  it('is the whole batch when it was fetched there, up to its end, not to its last record', () => {
    const slice = sliceFrom({ position: 10, floor: 0 }, batch(10, 30, 12, 17));
    expect(slice).toEqual({ kind: 'next', fromOffset: 10, nextOffset: 30, records: [record(12), record(17)] });
  });

  it('leaves out what lies before the position', () => {
    const slice = sliceFrom({ position: 13, floor: 0 }, batch(10, 20, 12, 13, 17));
    expect(slice).toEqual({ kind: 'next', fromOffset: 13, nextOffset: 20, records: [record(13), record(17)] });
  });

  it('moves the position over a batch without records', () => {
    const slice = sliceFrom({ position: 10, floor: 0 }, batch(10, 20));
    expect(slice).toEqual({ kind: 'next', fromOffset: 10, nextOffset: 20, records: [] });
  });

  it('is none when the batch was fetched behind a gap', () => {
    expect(sliceFrom({ position: 10, floor: 0 }, batch(11, 20, 12))).toEqual({ kind: 'elsewhere' });
  });

  it('is none when all of the batch lies before the position', () => {
    expect(sliceFrom({ position: 20, floor: 0 }, batch(0, 20, 12))).toEqual({ kind: 'elsewhere' });
  });

  it('continues from the position when the offsets in between were deleted by retention', () => {
    const slice = sliceFrom({ position: 10, floor: 15 }, batch(15, 20, 15));
    expect(slice).toEqual({ kind: 'next', fromOffset: 10, nextOffset: 20, records: [record(15)] });
    expect(sliceFrom({ position: 10, floor: 15 }, batch(16, 20, 16))).toEqual({ kind: 'elsewhere' });
  });
});

describe('a position held against its partition', () => {
  it('knows what has been deleted, and may be ahead of an end that a new leader has not heard of yet', () => {
    expect(standingAt(10, { start: 3, end: 9 })).toEqual({ position: 10, floor: 3 });
  });

  it.each([-1, 1.5, NaN, 2 ** 53])('is no offset when it is %d', (position) => {
    expect(() => standingAt(position, { start: 0, end: 0 })).toThrow(RangeError);
  });
});
