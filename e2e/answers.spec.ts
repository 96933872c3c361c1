import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectMirror } from './mirror.js';
import { System } from './system.js';
import { answersDuring, wronglyDenied, type WatchedAnswer } from './watched-answers.js';

const patience = 60_000;
const early = 'long before the start';
const late = 'just before the start';
let system: System;
let lock: bigint;
let other: bigint;
let earlyBlock: number;
let lateBlock: number;

beforeAll(async () => {
  system = await System.create();
  lock = await system.registry.registerLock();
  other = await system.registry.registerLock();
  earlyBlock = (await system.registry.revoke(lock, early)).blockNumber;
  // The finalized block of the local chain is 64 behind its head: one revocation below it, one above.
  await system.mine(70);
  lateBlock = (await system.registry.revokeBatch(other, ['in the same transaction', late])).blockNumber;
}, patience);
afterAll(() => system.close(), patience);

describe('before the first pass', () => {
  it(
    'says of no signature that it is not revoked',
    async () => {
      await system.start('projector', 'query-api');
      for (const signature of [early, 'never revoked']) {
        const answer = await system.api.ask(lock, signature);
        expect(answer.status).toBe(503);
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(answer.body).toMatchObject({ code: 'read-model-stale', reasons: ['not-synced'], asOf: null });
        const stale = await system.api.ask(lock, signature, '?allowStale=true');
        expect([stale.status, stale.body]).toEqual([200, expect.objectContaining({ isRevoked: null, asOf: null })]);
      }
    },
    patience,
  );
});

describe('the first pass', () => {
  it(
    'finds what was revoked before the start, and never denies what its asOf block holds',
    async () => {
      let ofLate: readonly WatchedAnswer[] = [];
      const ofEarly = await answersDuring({ api: system.api, lockId: lock, signature: early }, async () => {
        ofLate = await answersDuring({ api: system.api, lockId: other, signature: late }, async () => {
          await system.start('ingest-realtime', 'ingest-batch');
          await system.eventually('not revoked', async () => {
            const answer = await system.api.revoked(lock, 'never revoked');
            expect(answer).toMatchObject({ isRevoked: false, revocation: null });
          });
          await system.synced();
        });
      });
      expect(await system.api.revoked(lock, early)).toMatchObject({ isRevoked: true });
      expect(await system.api.revoked(other, late)).toMatchObject({ isRevoked: true });
      expect(wronglyDenied(ofEarly, earlyBlock)).toEqual([]);
      expect(wronglyDenied(ofLate, lateBlock)).toEqual([]);
      const { stats } = await system.api.health();
      expect(stats).toMatchObject({ batchUpdates: 3, realTimeUpdates: 0, totalRevocations: 3 });
    },
    patience,
  );

  it('is told by health', async () => {
    await system.eventually('healthy', async () => {
      expect(await system.api.health()).toMatchObject({
        healthy: true,
        blocksBehind: 0,
        isListening: true,
        batchSyncActive: true,
        network: 'local',
        contractAddress: system.registry.address,
        reasons: [],
      });
    });
  });
});

describe('a revocation that is mined while everything runs', () => {
  it(
    'is answered within 2 s and counts as seen in real time',
    async () => {
      for (const signature of ['live', 'live again', 'and again']) {
        expect(await system.api.revoked(lock, signature)).toMatchObject({ isRevoked: false });
        const { blockNumber, transactionHash, signatureHash } = await system.registry.revoke(lock, signature);
        const answer = await system.eventually(
          'revoked',
          async () => {
            const found = await system.api.revoked(lock, signature);
            expect(found.isRevoked).toBe(true);
            return found;
          },
          2,
        );
        expect(answer).toMatchObject({ signatureHash, revocation: { blockNumber, transactionHash } });
        expect(await system.api.revoked(lock, signatureHash)).toMatchObject({ isRevoked: true });
      }
      expect((await system.api.health()).stats).toMatchObject({ batchUpdates: 3, realTimeUpdates: 3 });
    },
    patience,
  );

  it('is of its lock alone', async () => {
    await system.synced();
    expect(await system.api.revoked(other, 'live')).toMatchObject({ isRevoked: false });
  });

  it('is listed with the others of the lock, newest first, and counted in its statistics', async () => {
    const { total, revocations } = await system.api.revocations(lock);
    const signatures = ['and again', 'live again', 'live', early];
    expect(total).toBe(4);
    expect(revocations.map(({ signatureHash }) => signatureHash)).toEqual(
      signatures.map((text) => system.registry.hashOf(text)),
    );
    expect((await system.api.get(`/lock/${lock}/stats`)).body).toMatchObject({ totalRevocations: 4, totalEntries: 0 });
    expect((await system.api.get(`/lock/${other}/stats`)).body).toMatchObject({ totalRevocations: 2 });
    expect((await system.api.get('/stats')).body).toMatchObject({
      hybrid_sync: { real_time_updates: 3, batch_updates: 3, total_revocations: 6, pending_updates: 3 },
    });
  });
});

describe('a revocation that is mined while ingest-realtime is down', () => {
  it(
    'is found by the next pass of ingest-batch',
    async () => {
      await system.service('ingest-realtime').stop();
      const batch = system.service('ingest-batch');
      await batch.stop();
      batch.start({ BATCH_SYNC_INTERVAL_MINUTES: '0.01' });
      await system.eventually('the first pass of this run', () => {
        expect(batch.log.map(({ msg }) => msg)).toContain('pass done');
      });
      await system.registry.revoke(other, 'in the dark');
      await system.eventually('revoked', async () => {
        expect(await system.api.revoked(other, 'in the dark')).toMatchObject({ isRevoked: true });
      });
      expect((await system.api.health()).stats).toMatchObject({ batchUpdates: 4, realTimeUpdates: 3 });
      expect(await expectMirror(system)).toHaveProperty('size', 7);
    },
    patience,
  );
});
