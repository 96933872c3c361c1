import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeOffsets, maxOffsets, offsetsReached, wireOffsets } from './offsets.js';
import { anyOffsets } from './testing/arbitraries.js';

describe('offset vector on a wire', () => {
  it('is read back as the same offsets', () => {
    fc.assert(
      fc.property(anyOffsets, (offsets) => {
        expect(wireOffsets.parse(encodeOffsets(offsets))).toEqual(offsets);
      }),
    );
  });

  it('is the same text whatever the order it was collected in', () => {
    const offsets = new Map([
      [10, 1],
      [2, 7],
      [0, 12],
    ]);
    expect(JSON.stringify(encodeOffsets(offsets))).toBe('{"0":12,"2":7,"10":1}');
  });

  it.each([{ x: 1 }, { '01': 1 }, { '-1': 1 }, { 0: -1 }, { 0: 1.5 }, { 0: '1' }, { 0: null }, [1], null])(
    'refuses %p',
    (value) => {
      expect(wireOffsets.safeParse(value).success).toBe(false);
    },
  );
});

describe('offset vectors', () => {
  it('merge to the larger offset of each partition', () => {
    const merged = maxOffsets(
      new Map([
        [0, 5],
        [1, 2],
      ]),
      new Map([
        [1, 9],
        [2, 0],
      ]),
    );
    expect(merged).toEqual(
      new Map([
        [0, 5],
        [1, 9],
        [2, 0],
      ]),
    );
  });

  it('reach both of two vectors exactly where they reach the merged one', () => {
    fc.assert(
      fc.property(anyOffsets, anyOffsets, anyOffsets, (applied, one, other) => {
        const both = offsetsReached(applied, one) && offsetsReached(applied, other);
        expect(offsetsReached(applied, maxOffsets(one, other))).toBe(both);
        expect(offsetsReached(maxOffsets(one, other), one)).toBe(true);
      }),
    );
  });

  it('count a missing partition as zero', () => {
    expect(offsetsReached(new Map(), new Map([[3, 0]]))).toBe(true);
    expect(offsetsReached(new Map(), new Map([[3, 1]]))).toBe(false);
  });

  it('are reached only when every partition is', () => {
    const wanted = new Map([
      [0, 5],
      [1, 5],
    ]);
    expect(
      offsetsReached(
        new Map([
          [0, 9],
          [1, 4],
        ]),
        wanted,
      ),
    ).toBe(false);
    expect(
      offsetsReached(
        new Map([
          [0, 5],
          [1, 5],
        ]),
        wanted,
      ),
    ).toBe(true);
  });
});
