import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { proofPlan } from './proof-plan.js';

const range = { fromBlock: 10, toBlock: 29 };

describe('how a range of final blocks is proven', () => {
  it('is by the bloom filters of all headers where the range is short enough', () => {
    expect(proofPlan(range, 20)).toEqual([{ range, prove: 'bloom' }]);
  });

  it('is by bloom filters for the newest blocks alone where it is longer', () => {
    expect(proofPlan(range, 5)).toEqual([
      { range: { fromBlock: 10, toBlock: 24 }, prove: 'none' },
      { range: { fromBlock: 25, toBlock: 29 }, prove: 'bloom' },
    ]);
  });

  it('is by nothing where no header is to be read', () => {
    expect(proofPlan(range, 0)).toEqual([{ range, prove: 'none' }]);
  });

  it('covers every block once, in order, and proves as many as it may', () => {
    const sizes = fc.record({ from: fc.nat(1000), count: fc.integer({ min: 1, max: 1000 }), bloom: fc.nat(1200) });
    fc.assert(
      fc.property(sizes, ({ from, count, bloom }) => {
        const plan = proofPlan({ fromBlock: from, toBlock: from + count - 1 }, bloom);
        const blocks = plan.flatMap(({ range: { fromBlock, toBlock } }) =>
          Array.from({ length: toBlock - fromBlock + 1 }, (_, index) => fromBlock + index),
        );
        expect(blocks).toEqual(Array.from({ length: count }, (_, index) => from + index));
        const proven = plan.find(({ prove }) => prove === 'bloom')?.range;
        const provenCount = proven === undefined ? 0 : proven.toBlock - proven.fromBlock + 1;
        expect(provenCount).toBe(Math.min(bloom, count));
      }),
    );
  });
});
