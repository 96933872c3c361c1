import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startChain, type Chain } from './chain.js';
import { startFaultProxy, type FaultProxy } from './fault-proxy.js';
import type { Faults } from './fault-proxy-faults.js';
import { headAheadOfData, staleHead } from './fault-proxy-head.js';
import { dropLogs, duplicateLogs, emptyLogs, foreignLog, reorderLogs } from './fault-proxy-logs.js';
import { sometimes } from './fault-proxy-random.js';
import { dropReceiptLog, noReceiptsMethod, nullReceipts } from './fault-proxy-receipts.js';
import { rangeLimit, refuse, resultLimit, silentBeyondHead, wrongChainId } from './fault-proxy-refusals.js';
import { deployLockRegistry, type LockRegistry } from './lock-registry.js';
import { rpcCall } from './rpc-call.js';

let node: Chain;
let registry: LockRegistry;
let proxy: FaultProxy;
let revokedIn: string;

beforeAll(async () => {
  node = await startChain();
  registry = await deployLockRegistry(node.url);
  const lock = await registry.registerLock();
  const { blockNumber } = await registry.revokeBatch(lock, ['one', 'two', 'three', 'four']);
  revokedIn = `0x${blockNumber.toString(16)}`;
  proxy = await startFaultProxy(node.url);
}, 30_000);
afterEach(() => {
  proxy.heal();
  proxy.forget();
});
afterAll(async () => {
  await proxy.close();
  await node.kill();
});

function call(method: string, ...params: readonly unknown[]): Promise<unknown> {
  return rpcCall(proxy.url, method, params);
}

/** The answer to these calls as one batch, as it comes. */
async function batch(...methods: readonly string[]): Promise<unknown> {
  const body = JSON.stringify(methods.map((method, id) => ({ jsonrpc: '2.0', id, method, params: [] })));
  return (await post(body)).json();
}

function post(body: string, deadlineMs = 2000): Promise<Response> {
  return fetch(`${proxy.url}/v2/key?token=secret`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(deadlineMs),
  });
}

const chainId = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });

/** Log indexes that `eth_getLogs` gives under these faults. */
async function logIndexes(faults: Faults): Promise<readonly number[]> {
  proxy.set(faults);
  const logs = await call('eth_getLogs', { address: registry.address, fromBlock: revokedIn, toBlock: revokedIn });
  return Array.isArray(logs) ? logs.map((log: { readonly logIndex: string }) => Number(log.logIndex)) : [];
}

describe('a fault proxy without faults', () => {
  it('answers as the node does, and tells which calls came, batches taken apart', async () => {
    expect(await call('eth_chainId')).toBe('0x7a69');
    expect(await call('eth_getBlockByNumber', 'latest', false)).toEqual(
      await rpcCall(node.url, 'eth_getBlockByNumber', ['latest', false]),
    );
    expect(await batch('eth_chainId', 'eth_blockNumber')).toEqual([
      { jsonrpc: '2.0', id: 0, result: '0x7a69' },
      { jsonrpc: '2.0', id: 1, result: revokedIn },
    ]);
    expect(proxy.calls.map(({ method, path }) => [method, path])).toEqual([
      ['eth_chainId', '/'],
      ['eth_getBlockByNumber', '/'],
      ['eth_chainId', '/v2/key?token=secret'],
      ['eth_blockNumber', '/v2/key?token=secret'],
    ]);
  });

  it("hands on the node's errors", async () => {
    await expect(call('eth_nothing')).rejects.toThrow('Method not found');
  });
});

describe('the way through a fault proxy', () => {
  it('takes as long as it is told', async () => {
    proxy.set({ latencyMs: 200 });
    const begin = performance.now();
    await call('eth_chainId');
    expect(performance.now() - begin).toBeGreaterThanOrEqual(195);
  });

  it('has no end when it hangs, until it is healed', async () => {
    proxy.set({ hang: true });
    await expect(post(chainId, 300)).rejects.toThrow('timeout');
    proxy.heal();
    expect(await call('eth_chainId')).toBe('0x7a69');
  });

  it('breaks off in the middle of every n-th answer', async () => {
    proxy.set({ reset: { every: 2 } });
    expect(await call('eth_chainId')).toBe('0x7a69');
    await expect(post(chainId).then((answer) => answer.text())).rejects.toThrow();
    expect(await call('eth_chainId')).toBe('0x7a69');
  });

  it('is shut while connections are refused, and open on the same port again', async () => {
    proxy.set({ refuseConnections: true });
    // The connection that was kept open is cut; a new one is refused.
    await expect(post(chainId)).rejects.toThrow();
    await expect(post(chainId)).rejects.toHaveProperty('cause.code', 'ECONNREFUSED');
    proxy.heal();
    expect(await call('eth_chainId')).toBe('0x7a69');
  });

  it('answers an HTTP status with Retry-After and a page that names the path', async () => {
    proxy.set({ status: 429, retryAfter: '7', body: (path) => `<html>too many for ${path}</html>` });
    const answer = await post(chainId);
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([
      429,
      '7',
      '<html>too many for /v2/key?token=secret</html>',
    ]);
  });

  it('cuts, pads, compresses and trickles bodies', async () => {
    const whole = await (await post(chainId)).text();
    proxy.set({ truncateBody: true });
    expect(await (await post(chainId)).text()).toBe(whole.slice(0, whole.length / 2));
    proxy.set({ padBytes: 1_000_000 });
    expect(await (await post(chainId)).text()).toHaveLength(whole.length + 1_000_000);
    proxy.set({ gzipBomb: 1_000_000 });
    const bomb = await post(chainId);
    expect(bomb.headers.get('content-encoding')).toBe('gzip');
    expect(await bomb.text()).toHaveLength(whole.length + 1_000_000);
    proxy.set({ bytesPerSecond: 10 });
    await expect(post(chainId, 300).then((answer) => answer.text())).rejects.toThrow('timeout');
  });

  it('touches only the calls that are meant', async () => {
    proxy.set({ only: ({ method }) => method === 'eth_blockNumber', status: 500 });
    expect(await call('eth_chainId')).toBe('0x7a69');
    expect((await post(chainId.replace('eth_chainId', 'eth_blockNumber'))).status).toBe(500);
  });
});

describe('a batch through a fault proxy', () => {
  it('comes back in another order, with some missing, or under other ids', async () => {
    const methods = Array.from({ length: 6 }, () => 'eth_chainId');
    const ids = async (): Promise<unknown[]> => {
      const answers = await batch(...methods);
      return Array.isArray(answers) ? answers.map((answer: { readonly id: unknown }) => answer.id) : [];
    };
    proxy.set({ shuffleBatch: { seed: 1 } });
    const order = await ids();
    expect(order).not.toEqual([0, 1, 2, 3, 4, 5]);
    expect(order.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await ids()).toEqual(order);
    proxy.set({ dropFromBatch: 3 });
    expect(await ids()).toEqual([0, 1, 3, 4]);
    proxy.set({ wrongId: true });
    expect(await ids()).toEqual([0, 1, 2, 3, 4, 5].map((id) => id + 1_000_000));
  });

  it('is tampered with call by call', async () => {
    proxy.set({ answer: [wrongChainId(5), refuse('eth_blockNumber', { code: -32_005, message: 'slow down' })] });
    expect(await batch('eth_chainId', 'eth_blockNumber')).toEqual([
      { jsonrpc: '2.0', id: 0, result: '0x5' },
      { jsonrpc: '2.0', id: 1, error: { code: -32_005, message: 'slow down' } },
    ]);
  });
});

describe('tampering with logs', () => {
  it('leaves some out', async () => {
    const [first = 0, ...rest] = await logIndexes({});
    expect(rest).toHaveLength(3);
    expect(await logIndexes({ answer: dropLogs('first') })).toEqual(rest);
    expect(await logIndexes({ answer: dropLogs('last') })).toEqual([first, ...rest.slice(0, -1)]);
    expect(await logIndexes({ answer: dropLogs({ every: 2 }) })).toEqual([first, rest[1]]);
    expect(await logIndexes({ answer: dropLogs({ oneOf: 'random', seed: 1 }) })).toHaveLength(3);
    expect(await logIndexes({ answer: dropLogs({ probability: 1, seed: 1 }) })).toEqual([]);
    expect(await logIndexes({ answer: emptyLogs() })).toEqual([]);
  });

  it('doubles and reorders them', async () => {
    const all = await logIndexes({});
    expect(await logIndexes({ answer: duplicateLogs() })).toEqual(all.flatMap((index) => [index, index]));
    const reordered = await logIndexes({ answer: reorderLogs(1) });
    expect(reordered).not.toEqual(all);
    expect(reordered.toSorted()).toEqual(all);
  });

  it.each(['address', 'topic0', 'topics', 'shortTopic', 'data', 'blockHash', 'blockNumber', 'removed'] as const)(
    'adds one whose %s is wrong',
    async (kind) => {
      const all = await logIndexes({});
      expect(await logIndexes({ answer: foreignLog(kind) })).toEqual([...all, Number(all.at(-1)) + 1]);
    },
  );

  it('limits range and results, with the text of the endpoint', async () => {
    proxy.set({ answer: rangeLimit(2, 'block range is too wide') });
    const range = { address: registry.address, fromBlock: '0x0', toBlock: '0x2' };
    await expect(call('eth_getLogs', range)).rejects.toThrow('block range is too wide');
    expect(await call('eth_getLogs', { ...range, toBlock: '0x1' })).toHaveLength(1);
    proxy.set({ answer: resultLimit(2, 'query returned more than 2 results') });
    await expect(call('eth_getLogs', { ...range, toBlock: revokedIn })).rejects.toThrow('more than 2 results');
  });
});

describe('tampering with blocks and receipts', () => {
  it('hides them, or that they exist', async () => {
    proxy.set({ answer: nullReceipts() });
    expect(await call('eth_getBlockReceipts', revokedIn)).toBeNull();
    proxy.set({ answer: noReceiptsMethod() });
    await expect(call('eth_getBlockReceipts', revokedIn)).rejects.toThrow('does not exist');
    proxy.set({ answer: dropReceiptLog() });
    expect(await call('eth_getBlockReceipts', revokedIn)).toMatchObject([{ logs: { length: 3 } }]);
  });

  it('makes a node that lags: an older head, and nothing above it', async () => {
    const head = Number(revokedIn);
    proxy.set({ answer: [staleHead(1), silentBeyondHead()] });
    expect(Number(await call('eth_blockNumber'))).toBe(head - 1);
    expect(await call('eth_getBlockByNumber', 'latest', false)).toMatchObject({
      number: `0x${(head - 1).toString(16)}`,
    });
    expect(await call('eth_getBlockByNumber', revokedIn, false)).toBeNull();
    expect(await call('eth_getBlockReceipts', revokedIn)).toBeNull();
    expect(await call('eth_getLogs', { fromBlock: revokedIn, toBlock: revokedIn })).toEqual([]);
    expect(await call('eth_getLogs', { fromBlock: '0xffff', toBlock: '0xffff' })).toEqual([]);
  });

  it('makes a node that names its head before it has it', async () => {
    proxy.set({ answer: headAheadOfData() });
    expect(await call('eth_blockNumber')).toBe(revokedIn);
    expect(await call('eth_getBlockByNumber', 'latest', false)).toMatchObject({ number: revokedIn });
    expect(await call('eth_getBlockByNumber', revokedIn, false)).toBeNull();
    expect(await call('eth_getBlockByNumber', '0x1', false)).toMatchObject({ number: '0x1' });
  });

  it('strikes some calls only', async () => {
    proxy.set({ answer: sometimes({ every: 3 }, wrongChainId(5)) });
    const heard = [await call('eth_chainId'), await call('eth_chainId'), await call('eth_chainId')];
    expect(heard).toEqual(['0x7a69', '0x7a69', '0x5']);
  });
});
