import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf, revocationKey, revocationPartitions, signatureHashOf } from '@hybrid-sync/domain';
import { insertDeadLetters, packRevocations, upsertRevocations, writeTopicFaults } from '@hybrid-sync/store';
import { hashOf, identity, lockIdOf } from '../../../libs/domain/src/testing/arbitraries.js';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { rowOf } from '../../../libs/store/src/testing/facts.js';
import { testStore, type TestStore } from '../../../libs/store/src/testing/test-store.js';
import { Monitor, sayCovered, type Answer } from './testing/monitor.js';

const patience = 60_000;
let store: TestStore;
let monitor: Monitor;

beforeAll(async () => {
  store = await testStore();
  monitor = await Monitor.start(store.url);
}, patience);
afterAll(async () => {
  await monitor.process.stop();
  await store.drop();
}, patience);

/** Lock 12 has one revocation, signature 7, and everything is covered up to block 1000. */
beforeEach(async () => {
  await store.rows('truncate revocations_a, component_status, coverage_claims, applied_offsets, dead_letters');
  await upsertRevocations(store.database, 'a', packRevocations([rowOf(12, 7, { block: 900 })]));
  await sayCovered(store.database, monitor.topics);
});

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : [];
const stale = async (answer: Promise<Answer>): Promise<unknown> => {
  const { status, headers, body } = await answer;
  expect([status, headers.get('retry-after')]).toEqual([503, '2']);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({
    type: 'urn:hybrid-sync:problem:read-model-stale',
    code: 'read-model-stale',
    status: 503,
  });
  return body['reasons'];
};

describe('the answers', () => {
  it('have exactly the fields that they are documented to have', async () => {
    const health = await monitor.ask('health');
    expect(keysOf(health.body)).toEqual([
      ...['healthy', 'currentBlock', 'lastSyncedBlock', 'blocksBehind', 'isListening', 'batchSyncActive', 'network'],
      ...['contractAddress', 'stats', 'reasons', 'components', 'timestamp'],
    ]);
    expect(health.body).toMatchObject({
      healthy: true,
      currentBlock: 1000,
      lastSyncedBlock: 1000,
      network: 'test',
      contractAddress: identity.contract,
      stats: {
        realTimeUpdates: 1,
        batchUpdates: 0,
        totalRevocations: 1,
        lastBatchSync: expect.any(String),
        lastRealTimeUpdate: expect.any(String),
      },
    });
    const stats = await monitor.ask('stats');
    expect(keysOf(stats.body)).toEqual(['hybrid_sync', 'blockchain', 'timestamp']);
    expect(keysOf(stats.body['hybrid_sync'])).toEqual([
      ...['real_time_updates', 'batch_updates', 'total_revocations', 'last_batch_sync', 'last_real_time_update'],
      'pending_updates',
    ]);
    expect(keysOf(stats.body['blockchain'])).toEqual([
      ...['current_block', 'last_synced_block', 'blocks_behind', 'is_listening', 'batch_sync_active', 'network'],
      'contract_address',
    ]);
    const lock = await monitor.ask('lock/12/stats');
    expect(lock.body).toEqual({
      lockId: '12',
      totalRevocations: 1,
      totalEntries: 0,
      revokedEntries: 0,
      validEntries: 0,
      timestamp: expect.any(String),
    });
    const list = await monitor.ask('lock/12/revocations');
    const revocation = {
      signatureHash: hashOf(7),
      revokedBy: rowOf(12, 7).record.owner,
      revokedAt: '2023-11-14T22:28:20Z',
      blockNumber: 900,
      transactionHash: rowOf(12, 7, { block: 900 }).record.transactionHash,
    };
    expect(list.body).toEqual({ lockId: '12', total: 1, revocations: [revocation], timestamp: expect.any(String) });
    expect((await monitor.revoked(12, 7)).body).toEqual({
      lockId: '12',
      signature: hashOf(7),
      isRevoked: true,
      timestamp: expect.any(String),
      signatureHash: hashOf(7),
      revocation,
      asOf: { blockNumber: 1000, blockHash: hashOf(1000), blockTimestamp: expect.any(String) },
      freshness: { ageSeconds: expect.any(Number), stale: false, reasons: [] },
    });
  });

  it('are never stored by anybody, and do not say what serves them', async () => {
    for (const path of ['health', 'lock/007/stats', '//nowhere', 'lock/12/revocations']) {
      const { headers } = await monitor.ask(path);
      expect([headers.get('cache-control'), headers.get('x-powered-by'), headers.get('etag')]).toEqual([
        'no-store',
        null,
        null,
      ]);
    }
  });

  it('allow no other origin', async () => {
    const { headers } = await monitor.ask('health', { headers: { origin: 'https://evil.example' } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('"not revoked"', () => {
  it('is said of what is not there, once everything is covered', async () => {
    expect((await monitor.revoked(12, 8)).body).toMatchObject({ isRevoked: false, revocation: null });
    expect((await monitor.revoked('9007199254740993', 7)).body).toMatchObject({
      lockId: '9007199254740993',
      isRevoked: false,
    });
    expect((await monitor.revoked((2n ** 256n - 1n).toString(), 0)).status).toBe(200);
  });

  it('is not said before the first sync is done', async () => {
    await store.rows('truncate component_status, coverage_claims');
    expect(await stale(monitor.revoked(12, 8))).toEqual(['not-synced']);
    expect((await monitor.revoked(12, 8)).body['asOf']).toBeNull();
  });

  it('is not said while records that the coverage relies on are not applied', async () => {
    await store.rows('truncate component_status, coverage_claims');
    await sayCovered(store.database, monitor.topics, { coverage: { offsets: new Map([[0, 1]]) } });
    expect(await stale(monitor.revoked(12, 8))).toEqual(['not-synced']);
    await store.database.query(
      'insert into applied_offsets (generation, topic, partition, next_offset) values (1, $1, 0, 1)',
      [monitor.topics.revocations],
    );
    expect((await monitor.revoked(12, 8)).body).toMatchObject({ isRevoked: false });
  });

  it('is not said above a hole', async () => {
    await store.rows('truncate component_status, coverage_claims');
    await sayCovered(store.database, monitor.topics, { coverage: { coveredFrom: 5 } });
    expect(await stale(monitor.revoked(12, 8))).toEqual(['not-synced']);
  });

  it('is not said of a block that is too old, while "revoked" still is', async () => {
    await sayCovered(store.database, monitor.topics, { coveredTo: 1001, ageSeconds: 121 });
    expect(await stale(monitor.revoked(12, 8))).toEqual(['stale']);
    expect((await monitor.revoked(12, 8)).body['asOf']).toMatchObject({ blockNumber: 1001 });
    expect(await monitor.revoked(12, 7)).toMatchObject({
      status: 200,
      body: { isRevoked: true, freshness: { stale: true, reasons: ['stale'] } },
    });
  });

  it('is not said once a final block was orphaned', async () => {
    const finalityViolation = { blockNumber: 5, expectedHash: hashOf(1), actualHash: hashOf(2) };
    await sayCovered(store.database, monitor.topics, { coveredTo: 1001, status: { finalityViolation } });
    expect(await stale(monitor.revoked(12, 8))).toEqual(['finality_violation']);
    expect((await monitor.revoked(12, 7)).body).toMatchObject({ isRevoked: true });
  });

  it('is not said while the topic and the contract count differently', async () => {
    const mismatches = [{ lockId: lockIdOf(3), onContract: 2, onTopic: 1 }];
    const audit = { blockNumber: 5, locks: 1, mismatched: 1, mismatches, finding: 'the endpoints leave out logs' };
    await sayCovered(store.database, monitor.topics, { coveredTo: 1001, status: { audit } });
    expect(await stale(monitor.revoked(12, 8))).toEqual(['audit-mismatch']);
    expect((await monitor.revoked(12, 7)).body).toMatchObject({ isRevoked: true });
    expect((await monitor.ask('health')).body).toMatchObject({
      healthy: false,
      reasons: ['audit-mismatch'],
      components: { 'ingest-batch': { audit: { mismatched: 1, mismatches: [{ lockId: '3', onContract: 2 }] } } },
    });
    const clean = { ...audit, mismatched: 0, mismatches: [], finding: null };
    await sayCovered(store.database, monitor.topics, { coveredTo: 1002, status: { audit: clean } });
    expect((await monitor.revoked(12, 8)).body).toMatchObject({ isRevoked: false });
  });

  it('is not said before the history was compared with the contract', async () => {
    await sayCovered(store.database, monitor.topics, { coveredTo: 1001, status: { audit: 'pending' } });
    expect(await stale(monitor.revoked(12, 8))).toEqual(['audit-pending']);
    await sayCovered(store.database, monitor.topics, { coveredTo: 1002, status: { audit: null } });
    expect((await monitor.revoked(12, 8)).body).toMatchObject({ isRevoked: false });
  });

  it('is not said while the topic is not what it must be; other topics do not matter', async () => {
    const fault = { setting: 'cleanup.policy', expected: 'compact', actual: 'delete' };
    await writeTopicFaults(store.database, monitor.topics.deadLetters, [fault]);
    expect((await monitor.revoked(12, 8)).body).toMatchObject({ isRevoked: false });
    await writeTopicFaults(store.database, monitor.topics.revocations, [fault]);
    expect(await stale(monitor.revoked(12, 8))).toEqual(['topic-misconfigured']);
    expect((await monitor.revoked(12, 7)).body).toMatchObject({ isRevoked: true });
    expect((await monitor.ask('health')).body).toMatchObject({ healthy: false, reasons: ['topic-misconfigured'] });
    await writeTopicFaults(store.database, monitor.topics.revocations, []);
    expect((await monitor.revoked(12, 8)).body).toMatchObject({ isRevoked: false });
  });

  it('is not said of a key that a dead letter may be about, until that is resolved', async () => {
    const key = revocationKey({ lockId: lockIdOf(12), signatureHash: hashOf(8) });
    const partition = partitionOf(Buffer.from(key), revocationPartitions);
    const other =
      100 + Array.from({ length: 100 }, (_, n) => n).findIndex((n) => partitionOfSignature(100 + n) !== partition);
    await bury(monitor.topics.revocations, partition, key);
    expect(await stale(monitor.revoked(12, 8))).toEqual(['dead-letter']);
    expect((await monitor.revoked(12, other)).body).toMatchObject({ isRevoked: false });
    await store.rows('truncate dead_letters');
    await bury(monitor.topics.revocations, partition, null);
    expect(await stale(monitor.revoked(12, 8))).toEqual(['dead-letter']);
    expect((await monitor.revoked(12, other)).body).toMatchObject({ isRevoked: false });
    expect((await monitor.ask('health')).body).toMatchObject({ healthy: true, reasons: ['1 unresolved dead letters'] });
    await store.rows(`update dead_letters set resolved_at = now(), resolution = 'resolved'`);
    expect((await monitor.revoked(12, 8)).body).toMatchObject({ isRevoked: false });
  });

  it('becomes null for callers who ask for that', async () => {
    await store.rows('truncate component_status, coverage_claims');
    expect(await monitor.revoked(12, 8, '?allowStale=true')).toMatchObject({
      status: 200,
      body: { isRevoked: null, asOf: null, freshness: { ageSeconds: null, stale: true, reasons: ['not-synced'] } },
    });
    expect((await monitor.revoked(12, 7, '?allowStale=true')).body).toMatchObject({ isRevoked: true });
  });

  it('waits for the block that the caller has seen, and so does "revoked"', async () => {
    expect((await monitor.revoked(12, 8, '?minBlock=1000')).body).toMatchObject({ isRevoked: false });
    expect(await stale(monitor.revoked(12, 8, '?minBlock=1001'))).toEqual(['below-min-block']);
    expect(await stale(monitor.revoked(12, 7, '?minBlock=1001'))).toEqual(['below-min-block']);
    await sayCovered(store.database, monitor.topics, { coveredTo: 1001 });
    expect((await monitor.revoked(12, 8, '?minBlock=1001')).body).toMatchObject({ isRevoked: false });
  });

  it('could be said exactly while the service is ready', async () => {
    const ready = async (): Promise<string> => {
      const response = await fetch(`${monitor.management}/readyz`);
      return `${response.status} ${await response.text()}`;
    };
    await until(async () => ((await ready()).startsWith('200') ? true : undefined));
    await sayCovered(store.database, monitor.topics, { coveredTo: 1001, ageSeconds: 121 });
    await until(async () => ((await ready()) === '503 {"ready":false,"reasons":["stale"]}' ? true : undefined));
    expect((await fetch(`${monitor.management}/livez`)).status).toBe(200);
  });

  async function bury(topic: string, partition: number, key: string | null): Promise<void> {
    const record = { topic, incarnation: '', partition, offset: 5, key: null, value: null, headers: {}, reason: 'x' };
    await insertDeadLetters(store.database, [{ ...record, revocationKey: key }]);
  }

  function partitionOfSignature(signature: number): number {
    const key = revocationKey({ lockId: lockIdOf(12), signatureHash: hashOf(signature) });
    return partitionOf(Buffer.from(key), revocationPartitions);
  }
});

describe('a signature', () => {
  it('may be given as text, as bytes in hex or as its hash in any case', async () => {
    const text = 'any text, with / and ü';
    const inHex = `0x${'ab'.repeat(65)}`;
    await store.rows('truncate revocations_a');
    const row = rowOf(12, 7);
    const rows = [signatureHashOf(text), signatureHashOf(inHex)].map((signatureHash) => ({
      ...row,
      record: { ...row.record, signatureHash },
    }));
    await upsertRevocations(store.database, 'a', packRevocations(rows));
    for (const given of [text, inHex, signatureHashOf(text), `0x${signatureHashOf(text).slice(2).toUpperCase()}`]) {
      expect((await monitor.revoked(12, given)).body).toMatchObject({ isRevoked: true, signature: given });
    }
    expect((await monitor.revoked(12, text.toUpperCase())).body).toMatchObject({ isRevoked: false });
  });
});
