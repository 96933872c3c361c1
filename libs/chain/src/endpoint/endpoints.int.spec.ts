import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { address } from '@hybrid-sync/domain';
import {
  deployLockRegistry,
  headAheadOfData,
  rpcCall,
  startChain,
  startFaultProxy,
  wrongChainId,
  type Chain,
  type FaultProxy,
  type Faults,
  type LockRegistry,
} from '@hybrid-sync/devstack';
import { ChainReader } from '../reading/chain-reader.js';
import { readDeployment } from '../reading/deployment-check.js';
import { RpcError } from './rpc-error.js';
import type { RpcEvent } from './rpc-events.js';
import { until } from '../testing/until.js';
import { WrongDeploymentError } from './wrong-deployment.js';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Setting {
  readonly node: Chain;
  readonly dataDir: string;
  readonly registry: LockRegistry;
  readonly proxy: FaultProxy;
  readonly chain: ChainReader;
  readonly events: RpcEvent[];
  /** Moves the clock on, which else goes with real time. */
  readonly pass: (ms: number) => void;
}

/** A node with a revocation, read through a proxy. @param direct whether the node itself is the second endpoint */
async function setting({ direct = false } = {}): Promise<Setting> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hybrid-sync-endpoints-'));
  stops.push(() => rm(dataDir, { recursive: true, force: true }));
  const node = await startChain({ dataDir });
  stops.push(() => node.stop());
  const registry = await deployLockRegistry(node.url);
  await registry.revoke(await registry.registerLock(), 'a');
  const proxy = await startFaultProxy(node.url);
  stops.push(() => proxy.close());
  const events: RpcEvent[] = [];
  let passed = 0;
  const clock = (): number => passed + performance.now();
  const chain = new ChainReader({
    urls: direct ? [proxy.url, node.url] : [proxy.url],
    contract: address.parse(registry.address),
    rejected: () => undefined,
    endpoints: {
      limits: { deadlineMs: 1_000, maxAnswerBytes: 1_000_000 },
      observe: (event) => events.push(event),
      clock,
    },
  });
  const expected = { chainId: 31_337, contract: address.parse(registry.address), startBlock: registry.blockNumber };
  await readDeployment(chain, expected);
  return { node, dataDir, registry, proxy, chain, events, pass: (ms) => (passed += ms) };
}

async function kindOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'answered',
    (error: unknown) => (error instanceof RpcError ? error.kind : error),
  );
}

/** A call that has failed is made again, as by every caller; an answer must be right. */
async function answersAgain({ chain, registry }: Setting): Promise<void> {
  let found: readonly unknown[] = [];
  const look = async (): Promise<void> => {
    const { number } = await chain.block('latest');
    found = (await chain.logsOfRange({ fromBlock: registry.blockNumber, toBlock: number })).logs;
  };
  await until(async () => (await kindOf(look())) === 'answered');
  expect(found).toHaveLength(1);
}

/** When the node last wrote down the whole of its state; 0 while it has not. */
async function stateSavedAt(dataDir: string): Promise<number> {
  const file = join(dataDir, 'state.json');
  try {
    const { mtimeMs } = await stat(file);
    JSON.parse(await readFile(file, 'utf8'));
    return mtimeMs;
  } catch {
    return 0;
  }
}

describe('F07: a node that is killed and started again with its state', () => {
  it('is found again, with nothing lost', async () => {
    const here = await setting();
    const mined = Date.now();
    await until(async () => (await stateSavedAt(here.dataDir)) > mined);
    await here.node.kill();
    expect(await kindOf(here.chain.block('latest'))).toBe('unreachable');
    const again = await startChain({ dataDir: here.dataDir });
    stops.push(() => again.stop());
    expect(again.url).toBe(here.node.url);
    await answersAgain(here);
  }, 60_000);
});

describe('F08: a node that is started again without its state', () => {
  it('is not the node that was checked, although nothing failed in between', async () => {
    const here = await setting();
    await here.node.kill();
    const other = await startChain({ port: Number(new URL(here.node.url).port) });
    stops.push(() => other.stop());
    expect(other.url).toBe(here.node.url);
    here.proxy.set({ refuseConnections: true });
    here.proxy.heal();
    await until(async () => (await kindOf(here.chain.block('latest'))) instanceof WrongDeploymentError);
    await rpcCall(other.url, 'anvil_mine', ['0x64']);
    expect(await kindOf(here.chain.block('latest'))).toBeInstanceOf(WrongDeploymentError);
    expect(here.events).toContainEqual(expect.objectContaining({ kind: 'set-aside', endpoint: 'endpoint-1' }));
  }, 60_000);
});

describe('F17: a head that is ahead of the data', () => {
  it('is an error while it lasts, never an empty block', async () => {
    const here = await setting();
    const { number } = await here.chain.block('latest');
    here.proxy.set({ answer: headAheadOfData() });
    expect(await kindOf(here.chain.block(number + 1))).toBe('unknown-block');
    here.proxy.heal();
    await answersAgain(here);
  }, 60_000);
});

describe('F19: a node that changes its chain id', () => {
  it('is set aside after the next reconnect, and used again when it is itself', async () => {
    const here = await setting();
    const chainId = (id: number): Promise<unknown> => rpcCall(here.node.url, 'anvil_setChainId', [id]);
    await chainId(5);
    here.proxy.set({ refuseConnections: true });
    here.proxy.heal();
    await until(async () => (await kindOf(here.chain.block('latest'))) instanceof WrongDeploymentError);
    await chainId(31_337);
    here.pass(11_000);
    await answersAgain(here);
    expect(here.events.at(-1)).toMatchObject({ kind: 'answered' });
  }, 60_000);

  it('leaves the work to another endpoint', async () => {
    const here = await setting({ direct: true });
    here.proxy.set({ answer: wrongChainId(5), reset: { every: 2 } });
    await until(async () => {
      await here.chain.block('latest');
      return here.events.some(({ kind }) => kind === 'set-aside');
    });
    here.proxy.forget();
    await answersAgain(here);
    expect(here.proxy.calls).toEqual([]);
  }, 60_000);
});

describe('a node that answers badly', () => {
  it.each<[string, Faults, string]>([
    ['F23: hangs', { hang: true }, 'too-slow'],
    ['F24: sends one byte a second', { bytesPerSecond: 1 }, 'too-slow'],
    ['F24: sends 100 MB', { padBytes: 100_000_000 }, 'too-large'],
    ['F24: sends a gzip bomb', { gzipBomb: 1_000_000_000 }, 'too-large'],
    ['F24: sends half an answer', { truncateBody: true }, 'malformed'],
    ['F24: sends a page', { status: 200, body: '<html>hello</html>' }, 'malformed'],
    ['F25: resets every connection', { reset: { every: 1 } }, 'unreachable'],
    ['F26: answers somebody else', { wrongId: true }, 'malformed'],
    ['F28: is not there', { refuseConnections: true }, 'unreachable'],
  ])(
    '%s, is not believed, and answers again when it is healed',
    async (_, faults, kind) => {
      const here = await setting();
      here.proxy.set(faults);
      expect(await kindOf(here.chain.block('latest'))).toBe(kind);
      here.proxy.heal();
      await answersAgain(here);
    },
    60_000,
  );
});

describe('a node that answers badly now and then', () => {
  it.each<[string, Faults]>([
    ['F25: resets 30 % of its connections', { reset: { probability: 0.3, seed: 7 } }],
    ['F26: reorders batches and leaves answers out', { shuffleBatch: { seed: 7 }, dropFromBatch: 3 }],
  ])(
    '%s, loses nothing and changes nothing',
    async (_, faults) => {
      const here = await setting();
      await rpcCall(here.node.url, 'anvil_mine', ['0x12c']);
      here.proxy.set(faults);
      for (let turn = 0; turn < 10; turn += 1) await answersAgain(here);
    },
    60_000,
  );
});

describe('F28: names and certificates that do not hold', () => {
  it.each([
    ['a name that nobody has', 'http://nobody.invalid:8545/c4naryKey', /ENOTFOUND|EAI_AGAIN/],
    ['a server without TLS', 'https', /EPROTO|ERR_SSL/],
  ])(
    'say so without the name: %s',
    async (_, url, reason) => {
      const { proxy } = await setting();
      const urls = [url === 'https' ? `${proxy.url.replace('http:', 'https:')}/c4naryKey` : url];
      const chain = new ChainReader({
        urls,
        contract: address.parse(`0x${'1'.repeat(40)}`),
        rejected: () => undefined,
      });
      const failure = await chain.block('latest').catch((error: unknown) => error);
      expect(failure).toMatchObject({ kind: 'unreachable', label: 'endpoint-1' });
      expect(String(failure)).toMatch(reason);
      expect(String(failure)).not.toMatch(/nobody|c4nary|127/);
    },
    60_000,
  );
});
