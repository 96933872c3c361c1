import { describe, expect, it } from '@jest/globals';
import { signatureRevokedTopic, type RevocationLog } from '@hybrid-sync/domain';
import { addressOf, hashOf } from '../../../domain/src/testing/arbitraries.js';
import type { ChainReader } from './chain-reader.js';
import { RpcError } from '../endpoint/rpc-error.js';
import { askedRange, plainChain, Refusal } from '../testing/plain-chain.js';
import { endpoint, readerOf } from '../testing/readers.js';
import { send, type Reply, type RpcCall } from '../testing/rpc-server.js';
import { blockHashOf, fullBloom, logIn, timeOf, wireBlock, wireLog } from '../testing/wire-shapes.js';

function chainBlock(number: number, logsBloom = fullBloom): Parameters<ChainReader['logsOfBlock']>[0] {
  const [hash, parentHash] = [blockHashOf(number), blockHashOf(number - 1)];
  return { number, hash, parentHash, timestamp: timeOf(number), logsBloom, receiptsRoot: hashOf(0) };
}

async function kindOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    return error instanceof RpcError ? error.kind : String(error);
  }
}

describe('blocks', () => {
  it('are read by number, tag and hash', async () => {
    const server = await endpoint(plainChain({ eth_getBlockByNumber: ([tag]) => wireBlock(tag === '0x7' ? 7 : 100) }));
    const { chain } = readerOf(server);
    expect(await chain.block(7)).toEqual(chainBlock(7));
    expect(await chain.block('finalized')).toEqual(chainBlock(100));
    expect(await chain.blockByHash(blockHashOf(9))).toEqual(chainBlock(9));
    expect(server.paramsOf('eth_getBlockByNumber')).toEqual([
      ['0x7', false],
      ['finalized', false],
    ]);
  });

  it('that the endpoint does not have are an error, never nothing', async () => {
    const none = plainChain({ eth_getBlockByNumber: () => null, eth_getBlockByHash: () => null });
    const { chain } = readerOf(await endpoint(none));
    expect(await kindOf(chain.block(7))).toBe('unknown-block');
    expect(await kindOf(chain.blockByHash(blockHashOf(7)))).toBe('unknown-block');
    expect(await kindOf(chain.logsOfRange({ fromBlock: 1, toBlock: 7 }, 'none'))).toBe('unknown-block');
  });

  it('that are not the ones asked for are not believed', async () => {
    const others = plainChain({ eth_getBlockByNumber: () => wireBlock(8), eth_getBlockByHash: () => wireBlock(8) });
    const { chain } = readerOf(await endpoint(others));
    expect(await kindOf(chain.block(7))).toBe('malformed');
    expect(await kindOf(chain.blockByHash(blockHashOf(7)))).toBe('malformed');
  });

  it.each(['0x', '7', '-0x1', '0x20000000000001', 7])('with the number %s are not believed', async (number) => {
    const { chain } = readerOf(await endpoint(plainChain({ eth_getBlockByNumber: () => wireBlock(7, { number }) })));
    expect(await kindOf(chain.block('latest'))).toBe('malformed');
  });
});

describe('the chain and the contract', () => {
  it('are read', async () => {
    const { chain } = readerOf(await endpoint(plainChain()));
    expect([await chain.chainId(), await chain.hasContract()]).toEqual([31_337, true]);
  });

  it('are missing where there is no code', async () => {
    const { chain } = readerOf(await endpoint(plainChain({ eth_getCode: () => '0x' })));
    expect(await chain.hasContract()).toBe(false);
  });

  it('are not believed where the answer is neither a number nor code', async () => {
    const { chain } = readerOf(await endpoint(plainChain({ eth_chainId: () => 'sepolia', eth_getCode: () => null })));
    expect([await kindOf(chain.chainId()), await kindOf(chain.hasContract())]).toEqual(['malformed', 'malformed']);
  });
});

describe('the logs of a range', () => {
  const range = { fromBlock: 1, toBlock: 10 };

  async function answering(...logs: readonly Record<string, unknown>[]): ReturnType<typeof readRange> {
    return readRange(plainChain({ eth_getLogs: () => logs }));
  }

  async function readRange(reply: (call: RpcCall) => Reply): Promise<{
    readonly kind: string;
    readonly logs: readonly RevocationLog[];
    readonly rejected: readonly string[];
  }> {
    const { chain, rejected } = readerOf(await endpoint(reply));
    const reading = chain.logsOfRange(range, 'none');
    const kind = await kindOf(reading);
    return { kind, logs: kind === 'answered' ? (await reading).logs : [], rejected };
  }

  it('come in the order of the chain, whatever the order of the answer', async () => {
    const [a, b, c] = [logIn(3, 9), logIn(3, 10), logIn(10)];
    expect((await answering(wireLog(c), wireLog(b), wireLog(a))).logs).toEqual([a, b, c]);
  });

  it('come with the header of the last block, as the same endpoint has it', async () => {
    const { chain } = readerOf(await endpoint(plainChain()));
    expect(await chain.logsOfRange(range, 'none')).toEqual({ last: chainBlock(10), logs: [], proof: 'none' });
  });

  it('have the time of their block from its header where the log does not say it, read once per block', async () => {
    const logs = [wireLog(logIn(3, 1)), wireLog(logIn(3, 2)), wireLog(logIn(4))];
    const server = await endpoint(
      plainChain({ eth_getLogs: () => logs.map((log) => ({ ...log, blockTimestamp: undefined })) }),
    );
    expect((await readerOf(server).chain.logsOfRange(range, 'none')).logs).toEqual([
      logIn(3, 1),
      logIn(3, 2),
      logIn(4),
    ]);
    expect(server.paramsOf('eth_getBlockByHash')).toHaveLength(2);
  });

  it.each<[string, Record<string, unknown>[]]>([
    ['a block below the range', [wireLog(logIn(0))]],
    ['a block above the range', [wireLog(logIn(11))]],
    ['another contract', [wireLog(logIn(3), { address: addressOf(0xbad) })]],
    ['another event', [wireLog(logIn(3), { topics: [hashOf(1), ...logIn(3).topics.slice(1)] })]],
    ['no event at all', [wireLog(logIn(3), { topics: [] })]],
    ['a log twice', [wireLog(logIn(3)), wireLog(logIn(4)), wireLog(logIn(3))]],
    ['two hashes of one block', [wireLog(logIn(3, 1)), wireLog(logIn(3, 2), { blockHash: hashOf(7) })]],
    ['a last block that is not the one of the header', [wireLog(logIn(10), { blockHash: hashOf(7) })]],
    ['a log without a block', [wireLog(logIn(3), { blockNumber: null, blockHash: null })]],
  ])('are not believed with %s', async (_, logs) => {
    expect(await answering(...logs)).toEqual({ kind: 'malformed', logs: [], rejected: [] });
  });

  it.each([{}, null, 'none', [null]])('are not believed when the answer is %j', async (result) => {
    expect((await readRange(plainChain({ eth_getLogs: () => result }))).kind).toBe('malformed');
  });

  it.each<[string, Record<string, unknown>]>([
    ['with three topics', { topics: logIn(3).topics.slice(0, 3) }],
    ['with five topics', { topics: [...logIn(3).topics, hashOf(5)] }],
    ['with a topic of 31 bytes', { topics: [signatureRevokedTopic, `0x${'00'.repeat(31)}`, hashOf(1), hashOf(2)] }],
    ['with an owner of more than 20 bytes', { topics: [...logIn(3).topics.slice(0, 3), hashOf(2n ** 200n)] }],
    ['with data', { data: `0x${'00'.repeat(32)}` }],
  ])('do not hold one %s, which is reported', async (_, fields) => {
    const { logs, rejected } = await answering(wireLog(logIn(2)), wireLog(logIn(3), fields), wireLog(logIn(4)));
    expect(logs).toEqual([logIn(2), logIn(4)]);
    expect(rejected).toHaveLength(1);
  });

  it('are read in ever smaller halves where the endpoint refuses, each block once', async () => {
    const atMost = (blocks: number): ReturnType<typeof plainChain> =>
      plainChain({
        eth_getLogs: (params) => {
          const { fromBlock, toBlock } = askedRange(params);
          if (toBlock - fromBlock >= blocks) throw new Refusal(`at most ${blocks} blocks`);
          return Array.from({ length: toBlock - fromBlock + 1 }, (__, index) => wireLog(logIn(fromBlock + index)));
        },
      });
    for (const blocks of [1, 3, 10]) {
      const { chain } = readerOf(await endpoint(atMost(blocks)));
      const { last, logs } = await chain.logsOfRange(range, 'none');
      expect(last.number).toBe(10);
      expect(logs.map(({ blockNumber }) => blockNumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
  });

  it('are an error when a single block is refused, and no request is made twice', async () => {
    const refusing = plainChain({
      eth_getLogs: () => {
        throw new Refusal('too many results');
      },
    });
    const server = await endpoint(refusing);
    expect(await kindOf(readerOf(server).chain.logsOfRange(range, 'none'))).toBe('refused');
    const asked = server.paramsOf('eth_getLogs').map((params) => JSON.stringify(askedRange(params)));
    expect(asked).toContain('{"fromBlock":1,"toBlock":1}');
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('are not halved when the answer is wrong', async () => {
    const server = await endpoint(plainChain({ eth_getLogs: () => [wireLog(logIn(11))] }));
    expect(await kindOf(readerOf(server).chain.logsOfRange(range, 'none'))).toBe('malformed');
    expect(server.paramsOf('eth_getLogs')).toHaveLength(1);
  });
});

describe('several endpoints', () => {
  const down = (): Reply => (response) => {
    send(response, 503, 'down');
  };

  it('take over for one that fails, and stay until they fail themselves', async () => {
    const [first, second] = [await endpoint(down), await endpoint(plainChain())];
    const { chain } = readerOf(first, second);
    expect((await chain.block(7)).number).toBe(7);
    expect((await chain.block(8)).number).toBe(8);
    expect([first.calls.length, second.calls.length]).toEqual([1, 2]);
  });

  it('take over for one that does not have the block yet', async () => {
    const behind = await endpoint(plainChain({ eth_getBlockByNumber: () => null }));
    expect((await readerOf(behind, await endpoint(plainChain())).chain.block(7)).number).toBe(7);
  });

  it('answer for the logs and the last header of a range together', async () => {
    const refused = plainChain({
      eth_getLogs: () => {
        throw new Refusal('not here');
      },
    });
    const [first, second] = [await endpoint(refused), await endpoint(plainChain())];
    await readerOf(first, second).chain.logsOfRange({ fromBlock: 1, toBlock: 10 }, 'none');
    expect(second.calls.map(({ method }) => method).slice(0, 2)).toEqual(['eth_getBlockByNumber', 'eth_getLogs']);
  });

  it('do not hide that one of them would answer for a smaller range', async () => {
    const small = plainChain({
      eth_getLogs: (params) => {
        const { fromBlock, toBlock } = askedRange(params);
        if (toBlock > fromBlock) throw new Refusal('one block at a time');
        return [wireLog(logIn(fromBlock))];
      },
    });
    const { chain } = readerOf(await endpoint(small), await endpoint(down));
    expect((await chain.logsOfRange({ fromBlock: 1, toBlock: 4 }, 'none')).logs).toHaveLength(4);
  });

  it('fail together with the reason of one of them', async () => {
    expect(await kindOf(readerOf(await endpoint(down), await endpoint(down)).chain.block(7))).toBe('unreachable');
  });
});
