import { describe, expect, it } from '@jest/globals';
import { sliceFrom, standingAt } from './batch-slice.js';

const batch = (fetchedOffset: number, nextOffset: number): Parameters<typeof sliceFrom>[1] => ({
  fetchedOffset,
  nextOffset,
});

describe('the slice of a batch that follows a position', () => {
  it('is the whole batch when it was fetched there', () => {
    const slice = sliceFrom({ position: 10, floor: 0 }, batch(10, 30));
    expect(slice).toEqual({ kind: 'next', fromOffset: 10, nextOffset: 30, recordsFrom: 10 });
  });

  it('leaves out what lies before the position', () => {
    const slice = sliceFrom({ position: 13, floor: 0 }, batch(10, 20));
    expect(slice).toEqual({ kind: 'next', fromOffset: 13, nextOffset: 20, recordsFrom: 13 });
  });

  it('is none when the batch was fetched behind a gap', () => {
    expect(sliceFrom({ position: 10, floor: 0 }, batch(11, 20))).toEqual({ kind: 'elsewhere' });
  });

  it('is none when all of the batch lies before the position', () => {
    expect(sliceFrom({ position: 20, floor: 0 }, batch(0, 20))).toEqual({ kind: 'elsewhere' });
  });

  it('continues from the position when the offsets in between were deleted by retention', () => {
    const slice = sliceFrom({ position: 10, floor: 15 }, batch(15, 20));
    expect(slice).toEqual({ kind: 'next', fromOffset: 10, nextOffset: 20, recordsFrom: 15 });
    expect(sliceFrom({ position: 10, floor: 15 }, batch(16, 20))).toEqual({ kind: 'elsewhere' });
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
