import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { address, type RevocationLog } from '@hybrid-sync/domain';
import { deployLockRegistry, startChain, type Chain, type LockRegistry } from '@hybrid-sync/devstack';
import { z } from 'zod';
import { ChainReader } from './chain-reader.js';
import { readDeployment } from './deployment-check.js';
import { followNewHeads } from '../heads/new-heads.js';
import { hashOf } from '../../../domain/src/testing/arbitraries.js';
import { until } from '../testing/until.js';
import { WrongDeploymentError } from '../endpoint/wrong-deployment.js';

let node: Chain;
let registry: LockRegistry;
let chain: ChainReader;
const rejected: string[] = [];
const stop = new AbortController();

/** Blocks with and without revocations, batches, two locks, and another contract's calls in between. */
beforeAll(async () => {
  node = await startChain();
  registry = await deployLockRegistry(node.url);
  chain = new ChainReader({
    urls: [node.url],
    contract: address.parse(registry.address),
    rejected: (reason) => rejected.push(reason),
  });
  const [one, other] = [await registry.registerLock(), await registry.registerLock()];
  await registry.revoke(one, 'a');
  await registry.revokeBatch(other, ['a', 'b', 'ü']);
  await rpc('anvil_mine', ['0x3']);
  await registry.revokeBatch(
    one,
    Array.from({ length: 50 }, (_, index) => `s${index}`),
  );
});
afterAll(async () => {
  stop.abort();
  await node.stop();
});

async function rpc(method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(node.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return z.object({ result: z.unknown() }).parse(await response.json()).result;
}

const receipts = z.array(
  z.object({ logs: z.array(z.object({ address: z.string(), topics: z.array(z.string()), logIndex: z.string() })) }),
);

/** What the receipts of a block say, by another road than eth_getLogs. */
async function revokedIn(block: number): Promise<readonly string[]> {
  const all = receipts.parse(await rpc('eth_getBlockReceipts', [`0x${block.toString(16)}`]));
  return all
    .flatMap(({ logs }) => logs)
    .filter((log) => log.address === registry.address && log.topics.length === 4)
    .map(({ topics, logIndex }) => `${block} ${Number(logIndex)} ${topics.slice(1).join(' ')}`);
}

function linesOf(logs: readonly RevocationLog[]): readonly string[] {
  return logs.map(({ blockNumber, logIndex, topics }) => `${blockNumber} ${logIndex} ${topics.slice(1).join(' ')}`);
}

describe('a chain reader on a real node', () => {
  it('reads the chain id and whether the contract is there', async () => {
    expect(await chain.chainId()).toBe(31_337);
    expect(await chain.hasContract()).toBe(true);
  });

  it('reads the same block by number, hash and tag', async () => {
    const latest = await chain.block('latest');
    expect(await chain.block(latest.number)).toEqual(latest);
    expect(await chain.blockByHash(latest.hash)).toEqual(latest);
    expect((await chain.block(latest.number - 1)).hash).toBe(latest.parentHash);
    expect((await chain.block('finalized')).number).toBe(0);
    await expect(chain.block(latest.number + 1)).rejects.toMatchObject({ kind: 'unknown-block' });
    await expect(chain.blockByHash(hashOf(7))).rejects.toMatchObject({ kind: 'unknown-block' });
  });

  it('reads of every block the logs that its receipts hold', async () => {
    const { number: head } = await chain.block('latest');
    let total = 0;
    for (let number = 0; number <= head; number += 1) {
      const { logs } = await chain.logsOfBlock(await chain.block(number));
      expect(linesOf(logs)).toEqual(await revokedIn(number));
      total += logs.length;
    }
    expect(total).toBe(54);
  });

  it('reads of a range the logs that its receipts hold, with the time of each block', async () => {
    const { number: head } = await chain.block('latest');
    const { last, logs } = await chain.logsOfRange({ fromBlock: 0, toBlock: head });
    const expected = await Promise.all(Array.from({ length: head + 1 }, (_, number) => revokedIn(number)));
    expect(linesOf(logs)).toEqual(expected.flat());
    expect(last).toEqual(await chain.block(head));
    for (const log of logs) expect(log.blockTimestamp).toBe((await chain.block(log.blockNumber)).timestamp);
    expect(rejected).toEqual([]);
  });

  it('takes a range that ends above the head for an error', async () => {
    const { number: head } = await chain.block('latest');
    await expect(chain.logsOfRange({ fromBlock: 0, toBlock: head + 1 })).rejects.toMatchObject({
      kind: 'unknown-block',
    });
  });

  it('tells the configured deployment from others', async () => {
    const expected = { chainId: 31_337, contract: address.parse(registry.address), startBlock: 1 };
    const startBlockHash = (await chain.block(1)).hash;
    expect(await readDeployment(chain, expected)).toEqual({ ...expected, startBlockHash });
    const wrong = { ...expected, contract: address.parse(`0x${'1'.repeat(40)}`) };
    for (const other of [{ ...expected, chainId: 1 }, wrong]) {
      const elsewhere = new ChainReader({ urls: [node.url], contract: other.contract, rejected: () => undefined });
      await expect(readDeployment(elsewhere, other, [1])).rejects.toThrow(WrongDeploymentError);
      await expect(elsewhere.block('latest')).rejects.toThrow(WrongDeploymentError);
    }
  });

  it('hears of every new block over WebSocket', async () => {
    let heads = 0;
    const lost: string[] = [];
    followNewHeads({
      url: node.url.replace('http', 'ws'),
      signal: stop.signal,
      notify: () => (heads += 1),
      lost: () => lost.push('lost'),
    });
    await until(async () => {
      await rpc('anvil_mine', ['0x1']);
      return heads > 0;
    });
    const before = heads;
    await rpc('anvil_mine', ['0x1']);
    await until(() => heads > before);
    expect(lost).toEqual([]);
  });
});
