import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backfillRange } from './backfill-range.js';

const bounds = { startBlock: 10, head: 100 };

describe('the range of a backfill', () => {
  it('is everything where the command names nothing', () => {
    expect(backfillRange({}, bounds)).toEqual({ kind: 'range', range: { fromBlock: 10, toBlock: 100 } });
  });

  it('is what the command names, as far as there are such blocks', () => {
    const range = { fromBlock: 10, toBlock: 60 };
    expect(backfillRange({ fromBlock: 3, toBlock: 60 }, bounds)).toEqual({ kind: 'range', range });
    expect(backfillRange({ toBlock: 60 }, bounds)).toEqual({ kind: 'range', range });
    expect(backfillRange({ fromBlock: 100, toBlock: 900 }, bounds)).toMatchObject({ range: { fromBlock: 100 } });
  });

  it.each([
    [{ fromBlock: 60, toBlock: 59 }, 'ends before it begins'],
    [{ fromBlock: 101 }, 'above the head'],
    [{ fromBlock: 101, toBlock: 200 }, 'above the head'],
    [{ toBlock: 9 }, 'below the start block'],
    [{ fromBlock: 0, toBlock: 9 }, 'below the start block'],
  ])('is refused with the reason where the command says %j', (range, reason) => {
    expect(backfillRange(range, bounds)).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  it('is refused where the chain has not reached the start block', () => {
    expect(backfillRange({}, { startBlock: 10, head: 9 }).kind).toBe('refused');
  });

  it('never holds a block that was not asked for or is not there', () => {
    const block = fc.nat(50);
    const command = fc.record({ fromBlock: block, toBlock: block }, { requiredKeys: [] });
    fc.assert(
      fc.property(command, fc.record({ startBlock: block, head: block }), ({ fromBlock, toBlock }, chain) => {
        const all = Array.from({ length: 51 }, (_, number) => number);
        const asked = all.filter((number) => number >= (fromBlock ?? 0) && number <= (toBlock ?? 50));
        const there = asked.filter((number) => number >= chain.startBlock && number <= chain.head);
        const named = {
          ...(fromBlock === undefined ? {} : { fromBlock }),
          ...(toBlock === undefined ? {} : { toBlock }),
        };
        const answer = backfillRange(named, chain);
        const blocks =
          answer.kind === 'range'
            ? all.filter((number) => number >= answer.range.fromBlock && number <= answer.range.toBlock)
            : [];
        expect(blocks).toEqual(there);
      }),
    );
  });
});
