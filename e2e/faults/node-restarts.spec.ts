import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChain, wrongChainId, type Chain } from '@hybrid-sync/devstack';
import { Ingestion, ingesters } from './ingestion.js';

const patience = 90_000;
let dataDir: string;
let ingestion: Ingestion;
let lock: bigint;
let restarted: Chain | null = null;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hybrid-sync-faults-'));
  ingestion = await Ingestion.create({ chain: { dataDir } });
  lock = await ingestion.registry.registerLock();
  await ingestion.registry.revoke(lock, 'before');
  await ingestion.start();
  await ingestion.inStep();
}, patience);
afterEach(() => {
  ingestion.heal();
});
afterAll(async () => {
  await restarted?.kill();
  await ingestion.close();
  await rm(dataDir, { recursive: true, force: true });
}, patience);

/** The node writes its state every two seconds: what was mined before this is called survives it. */
async function stateWritten(): Promise<void> {
  const written = async (): Promise<number> => (await stat(join(dataDir, 'state.json'))).mtimeMs;
  for (const since of [await written(), Date.now()]) {
    await ingestion.eventually('the state is written', async () => {
      expect(await written()).toBeGreaterThan(since);
    });
  }
}

describe('a node', () => {
  it(
    'F07 that is killed and comes back with its state is followed again, and nothing is lost',
    async () => {
      await ingestion.registry.revoke(lock, 'before the kill');
      await stateWritten();
      await ingestion.chain.kill();
      restarted = await startChain({ dataDir, slotsInAnEpoch: 1 });
      expect(restarted.url).toBe(ingestion.chain.url);
      for (const number of [1, 2, 3, 4, 5]) await ingestion.registry.revoke(lock, `after the kill ${number}`);
      await ingestion.mine(3);
      expect((await ingestion.inStep()).size).toBe(7);
    },
    patience,
  );

  it(
    'F19 that shows another chain when it is back has nothing of it written, and is followed again when it is right',
    async () => {
      const { length: before } = await ingestion.records('signature-revocations');
      ingestion.set({ refuseConnections: true });
      await ingestion.eventually('it is missed', () => {
        expect(ingestion.output.filter((line) => line.includes('unreachable')).length).toBeGreaterThan(0);
      });
      ingestion.proxy.forget();
      ingestion.set({ answer: wrongChainId(5) });
      await ingestion.registry.revoke(lock, 'on what claims to be another chain');
      await ingestion.eventually('the chain id was asked for', () => {
        expect(ingestion.proxy.calls.map(({ method }) => method)).toContain('eth_chainId');
      });
      await ingestion.eventually('both have ended, or say that they are not ready', async () => {
        for (const name of ingesters) {
          const process = ingestion.service(name);
          if (process.isRunning) expect((await ingestion.ask(process, '/readyz')).status).toBe(503);
        }
      });
      expect(await ingestion.records('signature-revocations')).toHaveLength(before);
      ingestion.heal();
      for (const name of ingesters) if (!ingestion.service(name).isRunning) ingestion.service(name).start();
      await ingestion.inStep();
    },
    patience,
  );
});
