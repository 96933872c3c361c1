import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { address, hash32, type LogProof, type RevocationLog } from '@hybrid-sync/domain';
import {
  deployLockRegistry,
  dropLogs,
  dropReceiptLog,
  duplicateLogs,
  emptyLogs,
  foreignLog,
  noReceiptsMethod,
  rangeLimit,
  reorderLogs,
  resultLimit,
  silentBeyondHead,
  startChain,
  startFaultProxy,
  type Chain,
  type FaultProxy,
  type Faults,
  type LockRegistry,
} from '@hybrid-sync/devstack';
import { z } from 'zod';
import { ChainReader } from '../reading/chain-reader.js';
import type { RpcEvent } from '../endpoint/rpc-events.js';

let node: Chain;
let proxy: FaultProxy;
let registry: LockRegistry;
let straight: ChainReader;
let locks: readonly bigint[];
const events: RpcEvent[] = [];

beforeAll(async () => {
  node = await startChain();
  proxy = await startFaultProxy(node.url);
  registry = await deployLockRegistry(node.url);
  straight = readerAt(node.url);
  locks = await Promise.all([registry.registerLock(), registry.as(1).registerLock()]);
  await registry.revokeBatch(lock(0), signatures('first', 200));
  await rpc('anvil_mine', ['0x5']);
  await mineTogether();
  await rpc('anvil_mine', ['0x2']);
  await registry.as(1).revoke(lock(1), 'last');
}, 60_000);
afterEach(() => {
  proxy.heal();
  proxy.forget();
});
afterAll(async () => {
  await proxy.close();
  await node.stop();
});

/** One block with many transactions: two batches, single revocations, transfers of every type, one that reverts. */
async function mineTogether(): Promise<void> {
  await rpc('evm_setAutomine', [false]);
  await send(registry.batchRequest(lock(0), signatures('second', 100)));
  await send(registry.as(1).batchRequest(lock(1), signatures('third', 50)));
  const from = registry.as(2).batchRequest(lock(0), ['not mine']).from;
  await send({ from, to: from, value: '0x1', gasPrice: '0x77359400' });
  await send({ from, to: from, value: '0x1', gasPrice: '0x77359400', accessList: [] });
  await send({ from, to: from, value: '0x1' });
  await send(registry.as(2).batchRequest(lock(0), ['not mine']));
  await send(registry.batchRequest(lock(0), ['one more']));
  await rpc('anvil_mine', ['0x1']);
  await rpc('evm_setAutomine', [true]);
}

function send(request: object): Promise<unknown> {
  return rpc('eth_sendTransaction', [{ gas: '0x7a1200', ...request }]);
}

function lock(index: number): bigint {
  return locks[index] ?? 0n;
}

function signatures(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${name} ${index}`);
}

async function rpc(method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(node.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return z.object({ result: z.unknown() }).parse(await response.json()).result;
}

function readerAt(...urls: readonly string[]): ChainReader {
  const endpoints = { observe: (event: RpcEvent) => events.push(event) };
  return new ChainReader({
    urls,
    contract: address.parse(registry.address),
    rejected: (reason) => {
      throw new Error(reason);
    },
    endpoints,
  });
}

const receiptsShape = z.array(
  z.object({
    type: z.string(),
    status: z.string(),
    logs: z.array(z.object({ address: z.string(), topics: z.array(z.string()), logIndex: z.string() })),
  }),
);

async function receiptsOf(block: number): Promise<z.output<typeof receiptsShape>> {
  return receiptsShape.parse(await rpc('eth_getBlockReceipts', [`0x${block.toString(16)}`]));
}

/** What the receipts of all blocks say, read by the test itself. */
async function truth(toBlock: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let block = 0; block <= toBlock; block += 1) {
    const logs = (await receiptsOf(block)).flatMap((receipt) => receipt.logs);
    const ours = logs.filter((log) => log.address === registry.address && log.topics.length === 4);
    lines.push(...ours.map((log) => `${block} ${Number(log.logIndex)} ${log.topics.slice(1).join(' ')}`));
  }
  return lines;
}

function linesOf(logs: readonly RevocationLog[]): readonly string[] {
  return logs.map(({ blockNumber, logIndex, topics }) => `${blockNumber} ${logIndex} ${topics.slice(1).join(' ')}`);
}

describe('the proofs of a real node', () => {
  it('hold for every block, for every header and every type of transaction', async () => {
    const { number: head } = await straight.block('latest');
    events.length = 0;
    const lines: string[] = [];
    for (let number = 0; number <= head; number += 1) {
      const { logs, proof } = await straight.logsOfBlock(await straight.block(number));
      expect(proof).toBe('receipts');
      lines.push(...linesOf(logs));
    }
    expect(lines).toEqual(await truth(head));
    expect(lines).toHaveLength(352);
    const together = (await Promise.all(Array.from({ length: head + 1 }, (_, block) => receiptsOf(block)))).flat();
    expect(new Set(together.map(({ type, status }) => `${type} ${status}`))).toEqual(
      new Set(['0x0 0x1', '0x1 0x1', '0x2 0x1', '0x2 0x0']),
    );
    expect(events.filter(({ kind }) => kind === 'header')).toEqual([]);
    expect(events).toContainEqual({ kind: 'proof', outcome: 'receipts' });
  });

  it.each<[string, Faults, readonly LogProof[]]>([
    ['drops a log of every answer', { answer: dropLogs('last') }, ['receipts']],
    ['finds nothing', { answer: emptyLogs() }, ['bloom', 'receipts']],
    ['gives logs in another order', { answer: reorderLogs(7) }, ['none', 'bloom', 'receipts']],
    ['takes 3 blocks at most', { answer: rangeLimit(3, 'block range is too wide') }, ['none', 'bloom', 'receipts']],
    [
      'gives 210 logs at most',
      { answer: resultLimit(210, 'query returned more than 210 results') },
      ['none', 'bloom', 'receipts'],
    ],
  ])('give all logs where an endpoint %s', async (_, faults, proofs) => {
    const { number: head } = await straight.block('latest');
    const expected = await truth(head);
    proxy.set(faults);
    for (const prove of proofs) {
      const { logs, proof } = await readerAt(proxy.url).logsOfRange({ fromBlock: 0, toBlock: head }, prove);
      expect(linesOf(logs)).toEqual(expected);
      expect(proof).toBe(prove);
    }
  });

  it.each<[string, Faults]>([
    ['says every log twice', { answer: duplicateLogs() }],
    ['gives a log of another contract', { answer: foreignLog('address') }],
    ['gives a log of another event', { answer: foreignLog('topic0') }],
    ['gives a log of another block', { answer: foreignLog('blockHash') }],
    ['gives a log from beyond the range', { answer: foreignLog('blockNumber') }],
    ['leaves a log out of receipts and logs', { answer: [dropReceiptLog(), dropLogs('last')] }],
    ['finds nothing and has no receipts', { answer: [emptyLogs(), noReceiptsMethod()] }],
    ['drops a log at random', { answer: dropLogs({ oneOf: 'random', seed: 5 }) }],
  ])('give all logs where one of two endpoints %s', async (_, faults) => {
    const { number: head } = await straight.block('latest');
    proxy.set(faults);
    for (const urls of [
      [proxy.url, node.url],
      [node.url, proxy.url],
    ]) {
      const { logs, proof } = await readerAt(...urls).logsOfRange({ fromBlock: 0, toBlock: head });
      expect(linesOf(logs)).toEqual(await truth(head));
      expect(proof).toBe('bloom');
    }
  });

  it('do not end before the range does where a node finds nothing in blocks that it does not have', async () => {
    const { number: head } = await straight.block('latest');
    proxy.set({ answer: silentBeyondHead() });
    for (const prove of ['none', 'bloom', 'receipts'] as const) {
      const reading = readerAt(proxy.url).logsOfRange({ fromBlock: 0, toBlock: head + 3 }, prove);
      await expect(reading).rejects.toMatchObject({ kind: 'unknown-block' });
    }
  });

  it('refuse a header that was tampered with, and everything else that it does not commit to', async () => {
    const { number: head } = await straight.block('latest');
    const chain = readerAt(proxy.url);
    const header = await chain.block(head);
    proxy.set({
      answer: ({ method }, result) =>
        method === 'eth_getBlockByNumber' && typeof result === 'object'
          ? { ...result, logsBloom: `0x${'0'.repeat(512)}` }
          : result,
    });
    await expect(chain.block(head)).rejects.toMatchObject({ kind: 'malformed' });
    expect((await readerAt(proxy.url, node.url).block(head)).hash).toBe(header.hash);
    expect(await straight.block(head)).toEqual(header);
  });
});

describe('a reorg on a real node', () => {
  it('makes the logs of an orphaned block an error and those of the new one readable', async () => {
    const { blockNumber } = await registry.revoke(lock(0), 'orphaned');
    const old = await straight.block(blockNumber);
    await rpc('anvil_reorg', [1, []]);
    await expect(straight.logsOfBlock(old)).rejects.toMatchObject({ kind: 'unknown-block' });
    expect(await straight.logsOfBlock(await straight.block(blockNumber))).toMatchObject({ logs: [] });
  });
});

describe('the state of a real node', () => {
  it('tells what is revoked and how many, as of a block', async () => {
    const latest = await straight.block('latest');
    const signatureHash = hash32.parse(registry.hashOf('last'));
    const { logs } = await straight.logsOfRange({ fromBlock: 0, toBlock: latest.number });
    const found = logs.find((log) => log.signatureHash === signatureHash);
    if (found === undefined) throw new Error('the log is missing');
    const before = await straight.block(found.blockNumber - 1);
    expect([await straight.isRevoked(found, latest), await straight.isRevoked(found, before)]).toEqual([true, false]);
    const ids = [...new Set(logs.map(({ lockId }) => lockId))];
    const counts = ids.map((id) => logs.filter(({ lockId }) => lockId === id).length);
    expect(await straight.revocationCounts(ids, latest)).toEqual(counts);
    expect(await straight.hasContract(await straight.block(registry.blockNumber))).toBe(true);
    expect(await straight.hasContract(await straight.block(registry.blockNumber - 1))).toBe(false);
    expect(await straight.findRevocation(found, { fromBlock: 0, toBlock: latest.number })).toEqual(found);
    expect(await straight.findRevocation(found, { fromBlock: 0, toBlock: found.blockNumber - 1 })).toBeNull();
    await expect(straight.isRevoked(found, { hash: hash32.parse(`0x${'7'.repeat(64)}`) })).rejects.toMatchObject({
      kind: 'unknown-block',
    });
  });
});
