import { describe, expect, it } from '@jest/globals';
import { blockCount, type BlockRange } from '@hybrid-sync/domain';
import fc from 'fast-check';
import {
  blocksPerQuery,
  firstQuery,
  limitAfterAnswer,
  limitAfterRefusal,
  unknownLimit,
  type RangeLimit,
} from './range-limit.js';
import { RpcError, type RpcErrorDetails, type RpcErrorKind } from '../endpoint/rpc-error.js';

/** What a provider keeps to itself. */
interface Provider {
  readonly maxBlocks: number;
  readonly maxLogs: number;
  readonly tells: 'number' | 'number that is one too many' | 'hint' | 'nothing';
  /** Logs of a block. */
  readonly density: (block: number) => number;
}

const anyProvider: fc.Arbitrary<Provider> = fc.record({
  maxBlocks: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constantFrom(500, 1000, 2000, 10_000)),
  maxLogs: fc.constantFrom(1, 20, 1000, Infinity),
  tells: fc.constantFrom('number', 'number that is one too many', 'hint', 'nothing'),
  density: fc.constantFrom(
    () => 0,
    () => 1,
    (block: number) => block % 3,
    (block: number) => (block > 700 ? 15 : 0),
  ),
});
const anyRange = fc
  .tuple(fc.nat({ max: 1_000_000 }), fc.integer({ min: 1, max: 3000 }))
  .map(([fromBlock, blocks]) => ({ fromBlock, toBlock: fromBlock + blocks - 1 }));

describe('the ranges that an endpoint is asked for', () => {
  it('cover what is to be read, each block once and in order, whatever the endpoint keeps to itself', () => {
    fc.assert(
      fc.property(anyProvider, anyRange, (provider, range) => {
        const { answered } = readAll(provider, [range]);
        expect(answered[0]?.fromBlock).toBe(range.fromBlock);
        expect(answered.at(-1)?.toBlock).toBe(range.toBlock);
        const gaps = answered.slice(1).filter(({ fromBlock }, at) => fromBlock !== (answered[at]?.toBlock ?? 0) + 1);
        expect(gaps).toEqual([]);
      }),
    );
  });

  it('are refused a few times only, while the limit is being learnt', () => {
    fc.assert(
      fc.property(anyProvider, fc.array(anyRange, { minLength: 1, maxLength: 5 }), (provider, ranges) => {
        const sparse = { ...provider, maxLogs: Infinity };
        expect(readAll(sparse, ranges).refused).toBeLessThanOrEqual(14);
      }),
    );
  });

  it('stay near what fits into an answer where blocks are dense', () => {
    const anyDense = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 2000 }), anyRange);
    fc.assert(
      fc.property(anyDense, ([density, maxLogs, range]) => {
        const provider: Provider = { maxBlocks: Infinity, maxLogs, tells: 'nothing', density: () => density };
        const { answered, refused } = readAll(provider, [range]);
        const fewest = Math.ceil(blockCount(range) / Math.floor(maxLogs / density));
        expect(answered.length + refused).toBeLessThanOrEqual(2 * fewest + 15);
      }),
    );
  });

  it('are never larger than a ceiling that the endpoint named', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.constantFrom('number', 'hint'), (maxBlocks, tells) => {
        const provider: Provider = {
          maxBlocks,
          tells: tells === 'hint' ? 'hint' : 'number',
          maxLogs: Infinity,
          density: () => 0,
        };
        const { refused } = readAll(provider, [
          { fromBlock: 1, toBlock: 400 },
          { fromBlock: 401, toBlock: 500 },
        ]);
        expect(refused).toBe(maxBlocks < 400 ? 1 : 0);
      }),
    );
  });

  it('use the number that was named less one when the number itself is refused', () => {
    const once = after(unknownLimit, 1000, 'too-wide', { maxBlocks: 800 });
    expect(blocksPerQuery(once)).toBe(800);
    expect(blocksPerQuery(after(once, 800, 'too-wide', { maxBlocks: 800 }))).toBe(799);
  });

  it('use a hint that begins where the range begins', () => {
    const hint = { fromBlock: 1, toBlock: 37 };
    expect(blocksPerQuery(after(unknownLimit, 1000, 'too-dense', { hint }))).toBe(37);
    expect(after(unknownLimit, 1000, 'too-wide', { hint }).ceiling).toBe(37);
  });

  it.each([
    ['begins elsewhere', { fromBlock: 2, toBlock: 37 }],
    ['is the range that was refused', { fromBlock: 1, toBlock: 1000 }],
    ['is larger than it', { fromBlock: 1, toBlock: 2000 }],
    ['is empty', { fromBlock: 1, toBlock: 0 }],
  ])('do not use a hint that %s', (_, hint) => {
    expect(blocksPerQuery(after(unknownLimit, 1000, 'too-dense', { hint }))).toBe(500);
  });

  it.each<RpcErrorKind>(['too-dense', 'too-large', 'too-slow', 'refused'])('are halved at once after %s', (kind) => {
    expect(after(unknownLimit, 1000, kind)).toMatchObject({ size: 500, ceiling: Infinity });
  });

  it.each<RpcErrorKind>(['rate-limited', 'unreachable', 'unknown-block', 'pruned', 'unsupported', 'malformed'])(
    'do not shrink after %s',
    (kind) => {
      expect(
        limitAfterRefusal(unknownLimit, { fromBlock: 1, toBlock: 1000 }, new RpcError(kind, 'eth_getLogs', '')),
      ).toBeNull();
    },
  );

  it('cannot shrink below a single block', () => {
    const error = new RpcError('too-dense', 'eth_getLogs', '');
    expect(limitAfterRefusal(unknownLimit, { fromBlock: 7, toBlock: 7 }, error)).toBeNull();
  });

  it('do not grow because the refusal of a larger query came late', () => {
    const small = after(after(unknownLimit, 1000, 'too-dense'), 500, 'too-dense');
    expect(blocksPerQuery(after(small, 1000, 'too-dense'))).toBe(250);
    expect(blocksPerQuery(after(small, 1000, 'too-wide', { maxBlocks: 900 }))).toBe(250);
  });

  it('grow slowly after they were too dense, up to the ceiling', () => {
    let limit = after({ ...unknownLimit, ceiling: 1000, size: 1000 }, 1000, 'too-dense');
    let answers = 0;
    for (; blocksPerQuery(limit) < 1000; answers += 1) limit = limitAfterAnswer(limit, blocksPerQuery(limit));
    expect(answers).toBeGreaterThan(8);
    expect(answers).toBeLessThan(20);
  });

  it('do not grow because the rest of a range was small', () => {
    const limit = after(unknownLimit, 1000, 'too-dense');
    expect(limitAfterAnswer(limit, 499).size).toBe(500);
  });

  it('try more than the ceiling after many answers at it, and wait twice as long each time in vain', () => {
    let limit = after(unknownLimit, 1000, 'too-wide', { maxBlocks: 100 });
    const waits = [0, 1, 2].map(() => {
      let answers = 0;
      for (; blocksPerQuery(limit) <= 100; answers += 1) limit = limitAfterAnswer(limit, blocksPerQuery(limit));
      limit = after(limit, blocksPerQuery(limit), 'too-wide');
      expect(blocksPerQuery(limit)).toBe(100);
      return answers;
    });
    expect(waits).toEqual([500, 1000, 2000]);
  });
});

function after(limit: RangeLimit, blocks: number, kind: RpcErrorKind, details: RpcErrorDetails = {}): RangeLimit {
  const error = new RpcError(kind, 'eth_getLogs', 'no', details);
  const learnt = limitAfterRefusal(limit, { fromBlock: 1, toBlock: blocks }, error);
  if (learnt === null) throw new Error('nothing was learnt');
  return learnt;
}

/** Asks the provider until every range is read, with one limit for all of them. */
function readAll(
  provider: Provider,
  ranges: readonly BlockRange[],
): { readonly answered: readonly BlockRange[]; readonly refused: number } {
  const answered: BlockRange[] = [];
  let [limit, refused]: [RangeLimit, number] = [unknownLimit, 0];
  for (const range of ranges) {
    for (let rest = range; rest.fromBlock <= rest.toBlock;) {
      const asked = firstQuery(rest, limit);
      const error = refusalOf(provider, asked);
      const learnt = error === null ? null : limitAfterRefusal(limit, asked, error);
      if (learnt === null) {
        answered.push(asked);
        limit = limitAfterAnswer(limit, blockCount(asked));
        rest = { ...rest, fromBlock: asked.toBlock + 1 };
        continue;
      }
      const next = blocksPerQuery(learnt);
      if (next < 1 || next >= blockCount(asked)) throw new Error(`after ${blockCount(asked)} blocks come ${next}`);
      limit = learnt;
      refused += 1;
    }
  }
  return { answered, refused };
}

/** Null for an answer. A single block is always answered. */
function refusalOf({ maxBlocks, maxLogs, tells, density }: Provider, asked: BlockRange): RpcError | null {
  const blocks = blockCount(asked);
  if (blocks > maxBlocks) {
    const named = tells === 'number that is one too many' ? maxBlocks + 1 : maxBlocks;
    const hint = { fromBlock: asked.fromBlock, toBlock: asked.fromBlock + maxBlocks - 1 };
    const details = tells === 'hint' ? { hint } : tells === 'nothing' ? {} : { maxBlocks: named };
    return new RpcError('too-wide', 'eth_getLogs', 'too wide', details);
  }
  let logs = 0;
  for (let block = asked.fromBlock; block <= asked.toBlock; block += 1) logs += density(block);
  return blocks > 1 && logs > maxLogs ? new RpcError('too-dense', 'eth_getLogs', 'too dense') : null;
}
