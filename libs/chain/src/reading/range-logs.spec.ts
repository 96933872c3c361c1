import { describe, expect, it } from '@jest/globals';
import { PrunedHistoryError } from './pruned-history.js';
import { askedRange, plainChain, Refusal } from '../testing/plain-chain.js';
import { endpoint, readerOf } from '../testing/readers.js';
import type { Reply, RpcCall, RpcServer } from '../testing/rpc-server.js';
import { logIn, wireLog } from '../testing/wire-shapes.js';

type Range = ReturnType<typeof askedRange>;

/** An endpoint with a log in every block, which refuses some ranges by throwing. */
function refusing(refuse: (range: Range) => void): (call: RpcCall) => Reply {
  return plainChain({
    eth_getLogs: (params) => {
      const range = askedRange(params);
      refuse(range);
      return blocksOf(range).map((block) => wireLog(logIn(block)));
    },
  });
}

function wider(blocks: number, text: string): (range: Range) => void {
  return (range) => {
    if (blocksOf(range).length > blocks) throw new Refusal(text);
  };
}

function blocksOf({ fromBlock, toBlock }: Range): readonly number[] {
  return Array.from({ length: toBlock - fromBlock + 1 }, (_, index) => fromBlock + index);
}

function asked(server: RpcServer): readonly string[] {
  return server.paramsOf('eth_getLogs').map((params) => {
    const { fromBlock, toBlock } = askedRange(params);
    return `${fromBlock}-${toBlock}`;
  });
}

function tenFrom(index: number): string {
  return `${index * 10 + 1}-${index * 10 + 10}`;
}

async function readBlocks(chain: ReturnType<typeof readerOf>['chain'], range: Range): Promise<readonly number[]> {
  const { logs, last } = await chain.logsOfRange(range, 'none');
  expect(last.number).toBe(range.toBlock);
  return logs.map(({ blockNumber }) => blockNumber);
}

const range = { fromBlock: 1, toBlock: 100 };

describe('an endpoint that refuses a range', () => {
  it.each([
    ['maximum [from, to] blocks distance: 7', 7],
    ['query returned more than 10000 results', 7],
    ['something is wrong', 30],
    ['block range is too wide', 99],
  ])('with "%s" gives every block once, in order', async (text, blocks) => {
    const { chain } = readerOf(await endpoint(refusing(wider(blocks, text))));
    expect(await readBlocks(chain, range)).toEqual(blocksOf(range));
  });

  it('is asked for what its text names, and for no more in the queries that follow', async () => {
    const server = await endpoint(refusing(wider(40, 'please limit the query to at most 41 blocks')));
    const { chain, found } = readerOf(server);
    await readBlocks(chain, range);
    expect(asked(server)).toEqual(['1-100', '1-40', '41-80', '81-100']);
    await readBlocks(chain, { fromBlock: 101, toBlock: 170 });
    expect(asked(server).slice(4)).toEqual(['101-140', '141-170']);
    expect(found()).toEqual([{ kind: 'range-limit', endpoint: 'endpoint-1', blocks: 40 }]);
  });

  it('is asked for the range that it hints', async () => {
    const text = 'query returned more than 10000 results. Try with this block range [0x1, 0x1f].';
    const server = await endpoint(refusing(wider(31, text)));
    await readBlocks(readerOf(server).chain, range);
    expect(asked(server).slice(0, 3)).toEqual(['1-100', '1-31', expect.stringMatching(/^32-/)]);
  });

  it('is asked for half when its answer would be too much, and for more again later', async () => {
    const server = await endpoint(refusing(wider(60, 'query returned more than 10000 results')));
    const { chain } = readerOf(server);
    await readBlocks(chain, range);
    expect(asked(server)).toEqual(['1-100', '1-50', '51-100']);
    await readBlocks(chain, { fromBlock: 101, toBlock: 200 });
    expect(asked(server)[3]).not.toBe('101-150');
  });

  it('is asked the same once more where it does not say why, then for half', async () => {
    const server = await endpoint(refusing(wider(50, 'something is wrong')));
    await readBlocks(readerOf(server).chain, range);
    expect(asked(server)).toEqual(['1-100', '1-100', '1-50', '51-100']);
  });

  it('is not asked for less because it was asked too often', async () => {
    let calls = 0;
    const busy = refusing(() => {
      if ((calls += 1) === 1) throw new Refusal('rate limit exceeded', 429);
    });
    const server = await endpoint(busy);
    expect(await readBlocks(readerOf(server).chain, range)).toEqual(blocksOf(range));
    expect(asked(server)).toEqual(['1-100', '1-100']);
  });

  it('down to a single block is left for another one, and is asked for as much as before the next time', async () => {
    let broken = true;
    const first = await endpoint(
      refusing(() => {
        if (broken) throw new Refusal('internal error');
      }),
    );
    const second = await endpoint(refusing(() => undefined));
    const { chain } = readerOf(first, second);
    expect(await readBlocks(chain, range)).toEqual(blocksOf(range));
    broken = false;
    await readBlocks(chain, { fromBlock: 101, toBlock: 200 });
    expect(asked(first).at(-1)).toBe('101-200');
  });

  it('down to a single block is an error where there is no other', async () => {
    const server = await endpoint(refusing(wider(0, 'query returned more than 10000 results')));
    await expect(readerOf(server).chain.logsOfRange(range, 'none')).rejects.toMatchObject({ kind: 'refused' });
    expect(new Set(asked(server)).size).toBe(asked(server).length);
  });

  it('does not keep the other from being asked for all of it', async () => {
    const [small, large] = [
      await endpoint(refusing(wider(10, 'Max range: 11'))),
      await endpoint(refusing(() => undefined)),
    ];
    expect(await readBlocks(readerOf(small, large).chain, range)).toEqual(blocksOf(range));
    expect(new Set(asked(small))).toEqual(new Set(['1-100', ...blocksOf({ fromBlock: 0, toBlock: 9 }).map(tenFrom)]));
    expect(asked(large)).toEqual(['1-100']);
  });
});

describe('history that is pruned', () => {
  const pruned = refusing(() => {
    throw new Refusal('history has been pruned for this block', 4444);
  });

  it('is read from an endpoint that still has it', async () => {
    const { chain } = readerOf(await endpoint(pruned), await endpoint(refusing(() => undefined)));
    expect(await readBlocks(chain, range)).toEqual(blocksOf(range));
  });

  it('is an error that names the blocks where no endpoint has it', async () => {
    const { chain } = readerOf(await endpoint(pruned), await endpoint(pruned));
    const failure: unknown = await chain.logsOfRange(range, 'none').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PrunedHistoryError);
    expect(failure).toMatchObject(range);
  });

  it('is not called missing where an endpoint could not be asked', async () => {
    const away = await endpoint(pruned);
    const { chain } = readerOf(away, await endpoint(pruned));
    await away.close();
    await expect(chain.logsOfRange(range, 'none')).rejects.not.toBeInstanceOf(PrunedHistoryError);
  });
});
