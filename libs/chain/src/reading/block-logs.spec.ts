import { beforeAll, describe, expect, it } from '@jest/globals';
import { hashOf } from '../../../domain/src/testing/arbitraries.js';
import type { BlockLogs } from './chain-reader.js';
import { Refusal } from '../testing/plain-chain.js';
import { endpoint, readerOf, type Reader } from '../testing/readers.js';
import type { RpcServer } from '../testing/rpc-server.js';
import { SimulatedNode, type Distortion } from '../testing/simulated-node.js';
import { emptyBloom } from '../testing/wire-shapes.js';
import type { ChainBlock } from './wire.js';

let node: SimulatedNode;
beforeAll(async () => {
  node = await SimulatedNode.mine([0, 3, 1, 0]);
});

const withoutReceipts: Distortion = () => ({
  eth_getBlockReceipts: () => {
    throw new Refusal('the method eth_getBlockReceipts does not exist', -32_601);
  },
});
const withWrongReceipts: Distortion = (straight) => ({
  eth_getBlockReceipts: (params) => {
    const receipts = JSON.stringify(straight['eth_getBlockReceipts']?.(params));
    const lie: unknown = JSON.parse(receipts.replace('"status":"0x1"', '"status":"0x0"'));
    return lie;
  },
});
const withoutLogs: Distortion = () => ({ eth_getLogs: () => [] });

async function servers(...distortions: readonly Distortion[]): Promise<readonly RpcServer[]> {
  return Promise.all(distortions.map((distort) => endpoint(node.replies(distort))));
}

async function one(distort: Distortion = honest): Promise<RpcServer> {
  return endpoint(node.replies(distort));
}

async function read(block: ChainBlock, ...distortions: readonly Distortion[]): Promise<BlockLogs & Reader> {
  const reader = readerOf(...(await servers(...distortions)));
  return { ...reader, ...(await reader.chain.logsOfBlock(block)) };
}

const honest: Distortion = () => ({});

describe('the logs of a block', () => {
  it('are taken from receipts that the header commits to', async () => {
    const server = await one();
    const { chain, found } = readerOf(server);
    expect(await chain.logsOfBlock(node.header(1))).toEqual({ logs: node.logs(1, 1), proof: 'receipts' });
    expect(server.calls.map(({ method }) => method)).toEqual(['eth_getBlockReceipts']);
    expect(found()).toEqual([{ kind: 'proof', outcome: 'receipts' }]);
  });

  it('are not asked for when the bloom excludes them', async () => {
    const server = await one();
    const block = { ...node.header(1), logsBloom: emptyBloom };
    expect(await readerOf(server).chain.logsOfBlock(block)).toEqual({
      logs: [],
      proof: 'receipts',
    });
    expect(server.calls).toEqual([]);
  });

  it('are taken from another endpoint when the receipts of one are not those of the header', async () => {
    const { logs, proof, found } = await read(node.header(1), withWrongReceipts, honest);
    expect({ logs, proof }).toEqual({ logs: node.logs(1, 1), proof: 'receipts' });
    expect(found()).toContainEqual({ kind: 'proof', outcome: 'mismatch', endpoint: 'endpoint-1' });
  });

  it('are an error when nobody gives receipts that fit, even where eth_getLogs would answer', async () => {
    const { chain } = readerOf(...(await servers(withWrongReceipts, withoutReceipts)));
    await expect(chain.logsOfBlock(node.header(1))).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('are taken from a later answer when the receipts are not there yet', async () => {
    let asked = 0;
    const later: Distortion = (straight) => ({
      eth_getBlockReceipts: (params) => ((asked += 1) < 3 ? null : straight['eth_getBlockReceipts']?.(params)),
    });
    expect(await read(node.header(1), later)).toMatchObject({ logs: node.logs(1, 1), proof: 'receipts' });
  });

  it('are an error when the receipts never come', async () => {
    const { chain } = readerOf(...(await servers(() => ({ eth_getBlockReceipts: () => null }))));
    await expect(chain.logsOfBlock(node.header(1))).rejects.toMatchObject({ kind: 'unknown-block' });
  });

  it('are an error when receipts are refused for now, even where eth_getLogs would answer', async () => {
    const busy: Distortion = () => ({
      eth_getBlockReceipts: () => {
        throw new Refusal('Too many requests', 429);
      },
    });
    const { chain } = readerOf(...(await servers(busy)));
    await expect(chain.logsOfBlock(node.header(1))).rejects.toMatchObject({ kind: 'rate-limited' });
  });

  it('are not read from the receipts of another block, which is what a reorg in between gives', async () => {
    const others: Distortion = (straight) => ({
      eth_getBlockReceipts: () => straight['eth_getBlockReceipts']?.([node.header(2).hash]),
    });
    const { chain } = readerOf(...(await servers(others)));
    await expect(chain.logsOfBlock(node.header(1))).rejects.toMatchObject({ kind: 'unknown-block' });
  });

  it('are asked for by number where the endpoint refuses a hash, from then on at once', async () => {
    const byNumber: Distortion = (straight) => ({
      eth_getBlockReceipts: (params) => {
        if (String(params[0]).length === 66) throw new Refusal('cannot unmarshal string into a number', -32_602);
        return straight['eth_getBlockReceipts']?.(params);
      },
    });
    const server = await one(byNumber);
    const { chain } = readerOf(server);
    expect(await chain.logsOfBlock(node.header(1))).toMatchObject({ proof: 'receipts' });
    expect(await chain.logsOfBlock(node.header(2))).toMatchObject({ logs: node.logs(2, 2), proof: 'receipts' });
    expect(server.paramsOf('eth_getBlockReceipts')).toEqual([[node.header(1).hash], ['0x1'], ['0x2']]);
  });
});

describe('where no endpoint gives receipts, the logs of a block', () => {
  it('are taken on the word of one of them, which the proof says', async () => {
    const { logs, proof, found } = await read(node.header(1), withoutReceipts);
    expect({ logs, proof }).toEqual({ logs: node.logs(1, 1), proof: 'none' });
    expect(found()).toEqual([{ kind: 'proof', outcome: 'none' }]);
  });

  it('are asked for by block hash, contract and event, without asking for receipts again', async () => {
    const server = await one(withoutReceipts);
    const { chain } = readerOf(server);
    await chain.logsOfBlock(node.header(1));
    await chain.logsOfBlock(node.header(2));
    expect(server.calls.map(({ method }) => method)).toEqual(['eth_getBlockReceipts', 'eth_getLogs', 'eth_getLogs']);
    expect(server.paramsOf('eth_getLogs')[1]).toMatchObject([{ blockHash: node.header(2).hash }]);
  });

  it('are asked of another endpoint when there are none although the bloom allows them', async () => {
    const none: Distortion = (straight) => ({ ...withoutReceipts(straight), ...withoutLogs(straight) });
    const { logs, proof, found } = await read(node.header(1), none, withoutReceipts);
    expect({ logs, proof }).toEqual({ logs: node.logs(1, 1), proof: 'none' });
    expect(found()).toContainEqual({ kind: 'suspicious-empty' });
  });

  it('are an error when the endpoint does not know the block', async () => {
    const { chain } = readerOf(...(await servers(withoutReceipts)));
    await expect(chain.logsOfBlock({ ...node.header(1), hash: hashOf(7) })).rejects.toMatchObject({
      kind: 'unknown-block',
    });
  });

  it('of another block are not believed', async () => {
    const others: Distortion = (straight) => ({
      ...withoutReceipts(straight),
      eth_getLogs: () => straight['eth_getLogs']?.([{ blockHash: node.header(2).hash, topics: [] }]),
    });
    const { chain } = readerOf(...(await servers(others)));
    await expect(chain.logsOfBlock(node.header(1))).rejects.toMatchObject({ kind: 'malformed' });
  });
});
