import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { hashOf, lockIdOf } from '../../../domain/src/testing/arbitraries.js';
import { plainChain, Refusal } from '../testing/plain-chain.js';
import { endpoint, readerOf } from '../testing/readers.js';
import type { Reply, RpcCall } from '../testing/rpc-server.js';
import { blockHashOf, contract, wireBlock } from '../testing/wire-shapes.js';

const callParams = z.tuple([z.object({ to: z.string(), data: z.string() }), z.unknown()]);
const at = { hash: blockHashOf(7) };
const one = { lockId: lockIdOf(5), signatureHash: hashOf(0xabc) };

/** The contract counts as many revocations of a lock as the lock's id says, and calls every signature revoked. */
function counting(methods: Parameters<typeof plainChain>[0] = {}): (call: RpcCall) => Reply {
  return plainChain({ eth_call: answerOf, ...methods });
}

function answerOf(params: readonly unknown[]): string {
  const [{ to, data }] = callParams.parse(params);
  expect(to).toBe(contract);
  return data.length === 10 + 64 ? `0x${data.slice(10)}` : `0x${'1'.padStart(64, '0')}`;
}

/** As an endpoint that does not know EIP-1898. */
function byNumberOnly(params: readonly unknown[]): string {
  if (typeof params[1] !== 'string') throw new Refusal('invalid argument 1: json: cannot unmarshal object', -32_602);
  return answerOf(params);
}

describe('what the contract says', () => {
  it('is asked as of a block by its hash', async () => {
    const server = await endpoint(counting());
    const { chain } = readerOf(server);
    expect(await chain.isRevoked(one, at)).toBe(true);
    expect(await chain.revocationCount(lockIdOf(5), at)).toBe(5);
    expect(server.paramsOf('eth_call').map(([, block]) => block)).toEqual([
      { blockHash: at.hash },
      { blockHash: at.hash },
    ]);
  });

  it('of many locks is asked at once and comes in their order', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => lockIdOf(1000 - index));
    const { chain } = readerOf(await endpoint(counting()));
    expect(await chain.revocationCounts(ids, at)).toEqual(ids.map(Number));
    expect(await chain.revocationCounts([], at)).toEqual([]);
  });

  it('is asked by number where the endpoint refuses a hash, from then on at once', async () => {
    const server = await endpoint(counting({ eth_call: byNumberOnly }));
    const { chain } = readerOf(server);
    expect(await chain.isRevoked(one, at)).toBe(true);
    expect(await chain.isRevoked(one, at)).toBe(true);
    expect(server.paramsOf('eth_call').map(([, block]) => block)).toEqual([{ blockHash: at.hash }, '0x7', '0x7']);
  });

  it('is not believed by number when another block has taken the number', async () => {
    const moved = () => wireBlock(7, { hash: hashOf(0xbad) });
    const { chain } = readerOf(await endpoint(counting({ eth_call: byNumberOnly, eth_getBlockByNumber: moved })));
    await expect(chain.isRevoked(one, at)).rejects.toMatchObject({ kind: 'unknown-block' });
  });

  it.each(['missing trie node', 'state is not available for this block, it was pruned'])(
    'is asked of an endpoint that still has the state: %s',
    async (text) => {
      const gone = (): never => {
        throw new Refusal(text, -32_000);
      };
      const pruned = await endpoint(counting({ eth_call: gone }));
      expect(await readerOf(pruned, await endpoint(counting())).chain.isRevoked(one, at)).toBe(true);
      await expect(readerOf(pruned).chain.isRevoked(one, at)).rejects.toMatchObject({ kind: 'pruned' });
      await expect(readerOf(pruned).chain.revocationCounts([lockIdOf(1), lockIdOf(2)], at)).rejects.toMatchObject({
        kind: 'pruned',
      });
    },
  );

  it.each(['0x', '0x1', null, `0x${'0'.repeat(65)}`])('is not believed when the answer is %p', async (answer) => {
    const { chain } = readerOf(await endpoint(counting({ eth_call: () => answer })));
    await expect(chain.isRevoked(one, at)).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('includes whether it was there', async () => {
    const { chain } = readerOf(await endpoint(counting({ eth_getCode: () => '0x' })));
    expect([await chain.hasContract(), await chain.hasContract(at)]).toEqual([false, false]);
    expect(await readerOf(await endpoint(counting())).chain.hasContract(at)).toBe(true);
  });
});
