import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blockCount, blockRange, contains, halve, splitBySize, type BlockRange } from './block-range.js';

const anyRange = fc
  .tuple(fc.nat({ max: 1_000_000 }), fc.integer({ min: 1, max: 300 }))
  .map(([fromBlock, count]): BlockRange => ({ fromBlock, toBlock: fromBlock + count - 1 }));

describe('block range', () => {
  it('is null where it would be empty', () => {
    expect(blockRange(5, 5)).toEqual({ fromBlock: 5, toBlock: 5 });
    expect(blockRange(6, 5)).toBeNull();
  });

  it('contains both ends and nothing beyond', () => {
    const range = { fromBlock: 5, toBlock: 7 };
    expect([4, 5, 6, 7, 8].filter((block) => contains(range, block))).toEqual([5, 6, 7]);
  });

  it('counts the blocks that it contains', () => {
    fc.assert(
      fc.property(anyRange, (range) => {
        expect(blockCount(range)).toBe(blocksOf(range).length);
      }),
    );
  });
});

describe('splitting a range', () => {
  it('gives pieces of the size and a last one with what is left', () => {
    expect([...splitBySize({ fromBlock: 1, toBlock: 5 }, 2)]).toEqual([
      { fromBlock: 1, toBlock: 2 },
      { fromBlock: 3, toBlock: 4 },
      { fromBlock: 5, toBlock: 5 },
    ]);
  });

  it('leaves no gap, no overlap and no piece above the size', () => {
    fc.assert(
      fc.property(anyRange, fc.integer({ min: 1, max: 400 }), (range, size) => {
        const pieces = [...splitBySize(range, size)];
        expect(pieces.flatMap(blocksOf)).toEqual(blocksOf(range));
        expect(Math.max(...pieces.map(blockCount))).toBeLessThanOrEqual(size);
        expect(pieces).toHaveLength(Math.ceil(blockCount(range) / size));
      }),
    );
  });
});

describe('halving a range', () => {
  it('leaves no gap, no overlap and two pieces of nearly the same size', () => {
    fc.assert(
      fc.property(
        anyRange.filter((range) => blockCount(range) > 1),
        (range) => {
          const [lower, upper] = halve(range);
          expect([...blocksOf(lower), ...blocksOf(upper)]).toEqual(blocksOf(range));
          expect([0, 1]).toContain(blockCount(lower) - blockCount(upper));
        },
      ),
    );
  });
});

function blocksOf({ fromBlock, toBlock }: BlockRange): readonly number[] {
  return Array.from({ length: toBlock - fromBlock + 1 }, (_, index) => fromBlock + index);
}
