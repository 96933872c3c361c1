import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deployLockRegistry, startChain, type Chain, type ChainOptions } from '@hybrid-sync/devstack';
import { expectMirror } from '../mirror.js';
import { System } from '../system.js';
import { answersDuring } from '../watched-answers.js';

const patience = 120_000;
const maxStalenessSeconds = 6;
const quick = { BATCH_SYNC_INTERVAL_MINUTES: '0.02', MAX_STALENESS_SECONDS: String(maxStalenessSeconds) };

/** With one revocation, answered. Blocks come by the second; final is what lies two blocks below the head. */
async function startSystem(options: ChainOptions = {}): Promise<{ readonly system: System; readonly lock: bigint }> {
  const system = await System.create(quick, { slotsInAnEpoch: 1, blockTimeSeconds: 1, ...options });
  const lock = await system.registry.registerLock();
  await system.registry.revoke(lock, 'revoked');
  await system.start();
  return { system, lock };
}

async function status(system: System, lock: bigint, signature: string): Promise<readonly unknown[]> {
  const { status: code, body } = await system.api.ask(lock, signature);
  const answer = typeof body === 'object' && body !== null ? body : {};
  return [code, 'isRevoked' in answer ? answer.isRevoked : null];
}

const notKnown = [503, null];
const notRevoked = [200, false];
const revoked = [200, true];

async function becomes(system: System, lock: bigint, signature: string, expected: readonly unknown[]): Promise<void> {
  await system.eventually(`${signature} is answered ${JSON.stringify(expected)}`, async () => {
    expect(await status(system, lock, signature)).toEqual(expected);
  });
}

describe('a chain', () => {
  let system: System;
  let lock: bigint;

  beforeAll(async () => {
    ({ system, lock } = await startSystem());
    await becomes(system, lock, 'not revoked', notRevoked);
  }, patience);
  afterAll(() => system.close(), patience);

  it(
    'F09 that makes no blocks any more has "not revoked" turn to unknown, and the service unready, until it goes on',
    async () => {
      await system.rpc('evm_setIntervalMining', 0);
      await system.eventually('unknown, with the time to ask again', async () => {
        const answer = await system.api.ask(lock, 'not revoked');
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
        expect(await system.unreadyReasons('query-api')).not.toEqual([]);
      });
      expect(await status(system, lock, 'revoked')).toEqual(revoked);
      await system.rpc('evm_setIntervalMining', 1);
      await system.eventually('answered again', async () => {
        expect(await status(system, lock, 'not revoked')).toEqual(notRevoked);
        expect(await system.unreadyReasons('query-api')).toEqual([]);
      });
    },
    patience,
  );

  it(
    'F10 that makes 1000 revocations of one lock in batches of 200, and 1000 blocks at once, is mirrored whole',
    async () => {
      const many = await system.registry.registerLock();
      for (const batch of [1, 2, 3, 4, 5]) {
        await system.registry.revokeBatch(
          many,
          Array.from({ length: 200 }, (_, of) => `${batch}, ${of}`),
        );
      }
      // One call for all of them takes longer than a slow machine has patience for.
      for (const blocks of [250, 250, 250, 250]) await system.mine(blocks);
      expect((await expectMirror(system)).size).toBe(1001);
      expect((await system.api.revocations(many)).total).toBe(await system.registry.revokedCount(many));
      for (const name of ['ingest-realtime', 'ingest-batch', 'projector'] as const) {
        const bytes = await system.metric(name, 'process_resident_memory_bytes');
        expect([name, bytes < 200_000_000 ? 'small' : bytes]).toEqual([name, 'small']);
      }
    },
    patience,
  );

  it(
    'F29 whose block lies a day ahead is fresh for as long as the news of it, and not for a day',
    async () => {
      const tomorrow = Math.floor(Date.now() / 1000) + 86_400;
      await system.rpc('evm_setIntervalMining', 0);
      await system.rpc('evm_setAutomine', true);
      await system.rpc('evm_setNextBlockTimestamp', tomorrow);
      await system.registry.revoke(lock, 'tomorrow');
      await becomes(system, lock, 'tomorrow', revoked);
      await becomes(system, lock, 'not revoked', notRevoked);
      await becomes(system, lock, 'not revoked', notKnown);
      await system.rpc('anvil_setBlockTimestampInterval', 0);
      await system.registry.revoke(lock, 'at the same second');
      await system.registry.revoke(lock, 'and once more');
      const times = [...(await expectMirror(system)).values()].map(({ blockTime }) => blockTime);
      expect(times.filter((time) => time >= tomorrow)).toHaveLength(3);
    },
    patience,
  );

  it(
    'F05 whose reorg reaches below the final block stops both ingesters; revoked stays revoked, the rest is unknown',
    async () => {
      await system.registry.revoke(lock, 'orphaned though final');
      await system.mine(3);
      await becomes(system, lock, 'orphaned though final', revoked);
      await system.synced();
      const before = await system.topics.read(system.topic('signature-revocations'));
      await system.rpc('anvil_reorg', 5, []);
      await system.mine(1);
      await becomes(system, lock, 'not revoked', notKnown);
      await system.eventually('the violation is reported', async () => {
        expect((await system.api.health()).reasons).toContain('finality_violation');
        expect(await system.unreadyReasons('ingest-realtime')).not.toEqual([]);
        expect(await system.unreadyReasons('ingest-batch')).not.toEqual([]);
        expect(await system.unreadyReasons('query-api')).not.toEqual([]);
      });
      await system.mine(5);
      const answers = await answersDuring({ api: system.api, lockId: lock, signature: 'not revoked' }, async () => {
        await system.eventually('the head has gone on', async () => {
          expect((await system.topics.read(system.topic('sync-status'))).length).toBeGreaterThan(0);
        });
      });
      expect(answers.filter(({ isRevoked }) => isRevoked === false)).toEqual([]);
      expect(await status(system, lock, 'orphaned though final')).toEqual(revoked);
      expect(await system.topics.read(system.topic('signature-revocations'))).toHaveLength(before.length);
    },
    patience,
  );
});

describe('a contract', () => {
  let system: System;
  let lock: bigint;

  beforeAll(async () => {
    ({ system, lock } = await startSystem({ genesisTime: Math.floor(Date.now() / 1000) - 3700 }));
  }, patience);
  afterAll(() => system.close(), patience);

  it(
    'F11 that is paused and silent for an hour of blocks leaves the answers fresh and everybody ready',
    async () => {
      await system.registry.as(9).pause();
      await system.rpc('anvil_mine', '0x12c', '0xc');
      await system.rpc('evm_setTime', Math.floor(Date.now() / 1000));
      await system.mine(1);
      await becomes(system, lock, 'not revoked', notRevoked);
      await system.eventually('everybody is healthy and ready', async () => {
        expect(await system.api.health()).toMatchObject({ reasons: [], healthy: true });
        for (const name of ['ingest-realtime', 'ingest-batch', 'projector', 'query-api'] as const) {
          expect([name, await system.unreadyReasons(name)]).toEqual([name, []]);
        }
      });
      await system.registry.as(9).unpause();
      await system.registry.revoke(lock, 'after the pause');
      await becomes(system, lock, 'after the pause', revoked);
    },
    patience,
  );
});

describe('a node', () => {
  let system: System;
  let lock: bigint;
  let other: Chain | null = null;

  beforeAll(async () => {
    ({ system, lock } = await startSystem());
    await system.registry.revoke(lock, 'revoked too');
    await system.mine(5);
    await system.synced();
  }, patience);
  afterAll(async () => {
    await other?.kill();
    await system.close();
  }, patience);

  it(
    'F08 that comes back without its state, with the same contract on a new chain, has nothing taken back',
    async () => {
      const before = await system.topics.read(system.topic('signature-revocations'));
      await system.chain.kill();
      other = await startChain({
        port: Number(new URL(system.chain.url).port),
        slotsInAnEpoch: 1,
        genesisTime: 1_700_000_000,
      });
      expect(other.url).toBe(system.chain.url);
      const registry = await deployLockRegistry(other.url);
      expect([registry.address, registry.blockNumber]).toEqual([system.registry.address, system.registry.blockNumber]);
      const lockThere = await registry.registerLock();
      await registry.revoke(lockThere, 'on the new chain');
      await system.mine(20);
      await becomes(system, lock, 'not revoked', notKnown);
      await system.eventually('both ingesters have ended or are not ready', async () => {
        for (const name of ['ingest-realtime', 'ingest-batch'] as const) {
          if (system.service(name).isRunning) expect(await system.unreadyReasons(name)).not.toEqual([]);
        }
      });
      expect(await status(system, lock, 'revoked')).toEqual(revoked);
      expect(await status(system, lock, 'revoked too')).toEqual(revoked);
      expect(await system.topics.read(system.topic('signature-revocations'))).toHaveLength(before.length);
    },
    patience,
  );
});
