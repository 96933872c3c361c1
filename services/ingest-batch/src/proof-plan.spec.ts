import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { proofPlan } from './proof-plan.js';

const range = { fromBlock: 10, toBlock: 29 };

describe('how a range of final blocks is proven', () => {
  it('is by receipts where the range is short enough', () => {
    expect(proofPlan(range, { receiptBlocks: 20, bloomBlocks: 0 })).toEqual([{ range, prove: 'receipts' }]);
  });

  it('is by the bloom filters of all headers where that is all that reaches so far', () => {
    expect(proofPlan(range, { receiptBlocks: 0, bloomBlocks: 20 })).toEqual([{ range, prove: 'bloom' }]);
  });

  it('is by receipts for the newest blocks and by bloom filters for some older ones where it is longer', () => {
    expect(proofPlan(range, { receiptBlocks: 5, bloomBlocks: 12 })).toEqual([
      { range: { fromBlock: 10, toBlock: 17 }, prove: 'none' },
      { range: { fromBlock: 18, toBlock: 24 }, prove: 'bloom' },
      { range: { fromBlock: 25, toBlock: 29 }, prove: 'receipts' },
    ]);
  });

  it('is by nothing where neither is to be read', () => {
    expect(proofPlan(range, { receiptBlocks: 0, bloomBlocks: 0 })).toEqual([{ range, prove: 'none' }]);
  });

  it('covers every block once, in order, and proves as many as it may', () => {
    const sizes = fc.record({
      from: fc.nat(1000),
      count: fc.integer({ min: 1, max: 1000 }),
      receiptBlocks: fc.nat(1200),
      bloomBlocks: fc.nat(1200),
    });
    fc.assert(
      fc.property(sizes, ({ from, count, receiptBlocks, bloomBlocks }) => {
        const plan = proofPlan({ fromBlock: from, toBlock: from + count - 1 }, { receiptBlocks, bloomBlocks });
        const blocks = plan.flatMap(({ range: { fromBlock, toBlock }, prove }) =>
          Array.from({ length: toBlock - fromBlock + 1 }, (_, index) => ({ block: fromBlock + index, prove })),
        );
        expect(blocks.map(({ block }) => block)).toEqual(Array.from({ length: count }, (_, index) => from + index));
        const proven = (...by: readonly string[]): number => blocks.filter(({ prove }) => by.includes(prove)).length;
        expect(proven('receipts')).toBe(Math.min(receiptBlocks, count));
        expect(proven('receipts', 'bloom')).toBe(Math.min(Math.max(receiptBlocks, bloomBlocks), count));
      }),
    );
  });
});
