import { describe, expect, it } from '@jest/globals';
import { RpcError, type RangeLogs } from '@hybrid-sync/chain';
import type { BlockRange, LogProof } from '@hybrid-sync/domain';
import fc from 'fast-check';
import { hashOf, revocationLog } from '../../../libs/domain/src/testing/arbitraries.js';
import { finalPieces, type FinalPiece, type RangeReader, type ReadOptions } from './final-pieces.js';

const read: ReadOptions = {
  blocksPerQuery: 100,
  proof: { receiptBlocks: 0, bloomBlocks: 1_000_000 },
  signal: new AbortController().signal,
};
/** What the logs of a piece are counted as, in bytes. */
const bytesPerLog = 1_500;

/** An endpoint that has so many logs in each block and counts what it has given and nobody has taken yet. */
class Dense implements RangeReader {
  readonly asked: (BlockRange & { readonly prove: LogProof })[] = [];
  readonly #logsIn: (block: number) => number;
  readonly #mostLogs: number;
  underWay = 0;
  mostUnderWay = 0;
  given = 0;

  constructor(logsIn: (block: number) => number, mostLogs = Number.POSITIVE_INFINITY) {
    this.#logsIn = logsIn;
    this.#mostLogs = mostLogs;
  }

  async logsOfRange(range: BlockRange, prove: LogProof): Promise<RangeLogs> {
    this.asked.push({ ...range, prove });
    this.mostUnderWay = Math.max(this.mostUnderWay, (this.underWay += 1));
    await Promise.resolve();
    this.underWay -= 1;
    const blocks = blocksOf(range);
    const count = blocks.reduce((sum, block) => sum + this.#logsIn(block), 0);
    if (count > this.#mostLogs) throw new RpcError('too-large', 'eth_getLogs', 'the answer is too large');
    this.given += count;
    const logs = blocks.flatMap((blockNumber) =>
      Array.from({ length: this.#logsIn(blockNumber) }, (_, logIndex) => ({ ...oneLog, blockNumber, logIndex })),
    );
    const last = { number: range.toBlock, hash: hashOf(1), parentHash: hashOf(0), timestamp: 0, logsBloom: '0x' };
    return { last: { ...last, receiptsRoot: hashOf(0) }, logs, proof: prove };
  }
}

const oneLog = revocationLog({ blockNumber: 1, logIndex: 0 });

function blocksOf({ fromBlock, toBlock }: BlockRange): readonly number[] {
  return Array.from({ length: toBlock - fromBlock + 1 }, (_, index) => fromBlock + index);
}

async function all(pieces: AsyncIterable<FinalPiece>): Promise<readonly FinalPiece[]> {
  const got: FinalPiece[] = [];
  for await (const piece of pieces) got.push(piece);
  return got;
}

describe('reading final blocks piece by piece', () => {
  it('gives every block once and in order, whatever the blocks hold and the endpoint refuses', async () => {
    const chains = fc.record({
      from: fc.nat(50),
      densities: fc.array(fc.constantFrom(0, 0, 0, 1, 40, 4000), { minLength: 1, maxLength: 60 }),
      blocksPerQuery: fc.integer({ min: 1, max: 30 }),
      proof: fc.record({ receiptBlocks: fc.nat(60), bloomBlocks: fc.nat(60) }),
      mostLogs: fc.constantFrom(4000, 5000, 1_000_000),
    });
    await fc.assert(
      fc.asyncProperty(chains, async ({ from, densities, mostLogs, ...options }) => {
        const chain = new Dense((block) => densities[block - from] ?? 0, mostLogs);
        const range = { fromBlock: from, toBlock: from + densities.length - 1 };
        const pieces = await all(finalPieces(chain, range, { ...read, ...options }));
        expect(pieces.flatMap(({ scanned }) => blocksOf(scanned.range))).toEqual(blocksOf(range));
        const logs = pieces.flatMap(({ scanned }) => scanned.logs.map(({ blockNumber }) => blockNumber));
        expect(logs).toEqual(densities.flatMap((count, index) => Array.from({ length: count }, () => from + index)));
      }),
      { numRuns: 30 },
    );
  });

  it('has several queries under way once it knows how dense the blocks are', async () => {
    const chain = new Dense(() => 1);
    await all(finalPieces(chain, { fromBlock: 0, toBlock: 999 }, read));
    expect(chain.mostUnderWay).toBe(4);
  });

  it('reads no more ahead of whoever takes the pieces than a bounded number of bytes', async () => {
    const chain = new Dense((block) => (block < 1000 ? 0 : 500));
    let taken = 0;
    let most = 0;
    for await (const { scanned } of finalPieces(chain, { fromBlock: 0, toBlock: 1999 }, read)) {
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      most = Math.max(most, (chain.given - taken) * bytesPerLog);
      taken += scanned.logs.length;
    }
    expect(taken).toBe(500_000);
    // Four pieces were on their way when the blocks became dense without a warning.
    expect(most).toBeLessThanOrEqual(5 * 100 * 500 * bytesPerLog);
    expect(chain.asked.slice(-5).map(({ fromBlock, toBlock }) => toBlock - fromBlock + 1)).not.toContain(100);
  });

  it('starts nothing more while nobody takes a piece', async () => {
    const chain = new Dense(() => 0);
    const pieces = finalPieces(chain, { fromBlock: 0, toBlock: 9_999 }, read);
    await pieces.next();
    await pieces.next();
    const before = chain.asked.length;
    await new Promise(setImmediate);
    expect(chain.asked).toHaveLength(before);
    expect(before).toBeLessThanOrEqual(6);
    await pieces.return(undefined);
  });

  it('asks for smaller pieces after an answer that was too large, and for larger ones where blocks are sparse again', async () => {
    const chain = new Dense((block) => (block < 200 ? 1_000 : 0), 10_000);
    await all(finalPieces(chain, { fromBlock: 0, toBlock: 2_999 }, read));
    const sizes = chain.asked.map(({ fromBlock, toBlock }) => toBlock - fromBlock + 1);
    expect(sizes.slice(0, 3)).toEqual([25, 12, 6]);
    expect(sizes.at(-2)).toBe(100);
  });

  it('reads the newest blocks with their headers, and the older ones in larger pieces without', async () => {
    const chain = new Dense(() => 0);
    const pieces = await all(
      finalPieces(chain, { fromBlock: 0, toBlock: 9_999 }, { ...read, proof: { receiptBlocks: 0, bloomBlocks: 500 } }),
    );
    expect(pieces.filter(({ proof }) => proof === 'bloom')).toHaveLength(6);
    expect(chain.asked.filter(({ prove }) => prove === 'bloom').map(({ fromBlock }) => fromBlock)[0]).toBe(9_500);
    expect(chain.asked.filter(({ prove }) => prove === 'none').length).toBeLessThan(20);
  });

  it('fails when a single block is too large, and with the first failure in order', async () => {
    const dense = new Dense(() => 11, 10);
    await expect(all(finalPieces(dense, { fromBlock: 0, toBlock: 9 }, read))).rejects.toThrow('too large');
  });

  it('ends between two pieces once the signal aborts', async () => {
    const stop = new AbortController();
    const pieces = finalPieces(new Dense(() => 0), { fromBlock: 0, toBlock: 999 }, { ...read, signal: stop.signal });
    await pieces.next();
    stop.abort(new Error('the service stops'));
    await expect(pieces.next()).rejects.toThrow('the service stops');
  });
});
