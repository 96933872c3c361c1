import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RevocationLog } from '@hybrid-sync/domain';
import { lockIdOf } from '../../../domain/src/testing/arbitraries.js';
import { newestFirst } from './revocation-search.js';
import { endpoint, readerOf } from '../testing/readers.js';
import { SimulatedNode } from '../testing/simulated-node.js';

let node: SimulatedNode;
let wanted: RevocationLog;
beforeAll(async () => {
  node = await SimulatedNode.mine([0, 2, 0, 3, 0, 1, 0]);
  const [, , third] = node.logs();
  if (third === undefined) throw new Error('the chain is empty');
  wanted = third;
});

const range = { fromBlock: 1, toBlock: 6 };

describe('the log of one revocation', () => {
  it('is found by its lock and hash', async () => {
    const server = await endpoint(node.replies());
    expect(await readerOf(server).chain.findRevocation(wanted, range)).toEqual(wanted);
    expect(server.paramsOf('eth_getLogs')).toMatchObject([[{ topics: wanted.topics.slice(0, 3) }]]);
  });

  it('is not found where it is not', async () => {
    const { chain } = readerOf(await endpoint(node.replies()));
    expect(await chain.findRevocation({ ...wanted, lockId: lockIdOf(77) }, range)).toBeNull();
    expect(await chain.findRevocation(wanted, { fromBlock: 4, toBlock: 6 })).toBeNull();
  });

  it('is found by another endpoint where one says nothing', async () => {
    const empty = await endpoint(node.replies(() => ({ eth_getLogs: () => [] })));
    expect(await readerOf(empty, await endpoint(node.replies())).chain.findRevocation(wanted, range)).toEqual(wanted);
  });

  it('is not believed when it is of another revocation', async () => {
    const other = node.replies((honest) => ({
      eth_getLogs: () => honest['eth_getLogs']?.([{ fromBlock: '0x5', toBlock: '0x5', topics: [] }]),
    }));
    const { chain } = readerOf(await endpoint(other));
    await expect(chain.findRevocation(wanted, range)).rejects.toMatchObject({ kind: 'malformed' });
  });
});

describe('the windows of a search', () => {
  it('cover the range from its end down, each block once', () => {
    const anyRange = fc.tuple(fc.nat({ max: 3_000_000 }), fc.nat({ max: 3_000_000 }));
    fc.assert(
      fc.property(anyRange, ([fromBlock, length]) => {
        const windows = [...newestFirst({ fromBlock, toBlock: fromBlock + length })].toReversed();
        expect(windows[0]?.fromBlock).toBe(fromBlock);
        expect(windows.at(-1)?.toBlock).toBe(fromBlock + length);
        const gaps = windows.slice(1).filter((next, at) => next.fromBlock !== (windows[at]?.toBlock ?? 0) + 1);
        expect(gaps).toEqual([]);
      }),
    );
  });
});
