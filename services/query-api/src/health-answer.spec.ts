import { describe, expect, it } from '@jest/globals';
import type { ComponentState, Generation } from '@hybrid-sync/store';
import { address } from '@hybrid-sync/domain';
import { hashOf } from '../../../libs/domain/src/testing/arbitraries.js';
import { healthAnswer, statsAnswer, type SystemState } from './health-answer.js';

const now = new Date('2026-01-02T03:04:05Z');
const contract = address.parse('0x00000000000000000000000000000000C0FFEE00');
const policy = {
  network: { name: 'sepolia', chainId: 11_155_111, contract, startBlock: 10 },
  maxStalenessSeconds: 120,
};

function component(coveredTo: number, changes: Partial<ComponentState> = {}): ComponentState {
  return {
    startBlock: 10,
    headBlock: 500,
    finalizedBlock: 450,
    syncing: false,
    finalityViolation: false,
    audit: null,
    heartbeatAgeSeconds: 1,
    syncedAt: new Date('2026-01-02T03:00:00Z'),
    coverage: {
      coveredFrom: 10,
      coveredTo,
      settledTo: coveredTo,
      contradicted: false,
      coveredToHash: hashOf(coveredTo),
      coveredToTimestamp: 1_700_000_000 + coveredTo,
      ageSeconds: 2,
    },
    ...changes,
  };
}

function generation(state: Generation['state'], number: number): Generation {
  const none = { topic: null, incarnation: null, commandId: null, targetOffsets: new Map(), switchedAt: null };
  return {
    generation: number,
    slot: number % 2 === 0 ? 'b' : 'a',
    state,
    reason: 'asked for',
    startedAt: now,
    ...none,
  };
}

const healthy: SystemState = {
  sync: { realtime: component(500), batch: component(460) },
  totals: { realtime: 3, batch: 4, lastRealtimeAt: new Date('2026-01-02T03:04:00Z') },
  unresolvedDeadLetters: 0,
  generations: [generation('active', 1)],
  topicFaults: [],
};
const health = (state: Partial<SystemState> = {}): object => healthAnswer({ ...healthy, ...state }, policy, now);

describe('health', () => {
  it('says where the system stands', () => {
    expect(health()).toEqual({
      healthy: true,
      currentBlock: 500,
      lastSyncedBlock: 500,
      blocksBehind: 0,
      isListening: true,
      batchSyncActive: true,
      network: 'sepolia',
      contractAddress: contract,
      stats: {
        realTimeUpdates: 3,
        batchUpdates: 4,
        totalRevocations: 7,
        lastBatchSync: '2026-01-02T03:00:00.000Z',
        lastRealTimeUpdate: '2026-01-02T03:04:00.000Z',
      },
      reasons: [],
      components: {
        'ingest-realtime': expect.any(Object),
        'ingest-batch': expect.any(Object),
        projector: { generation: 1, rebuild: null, topicFaults: [] },
      },
      timestamp: '2026-01-02T03:04:05.000Z',
    });
  });

  it('is lost at 100 blocks behind the head', () => {
    expect(health({ sync: { realtime: component(401), batch: component(300) } })).toMatchObject({
      healthy: true,
      blocksBehind: 99,
    });
    expect(health({ sync: { realtime: component(400), batch: component(300) } })).toMatchObject({
      healthy: false,
      reasons: ['100 blocks behind'],
    });
  });

  it('is lost with the heartbeat of an ingester, which then counts as not there', () => {
    const silent = { heartbeatAgeSeconds: 16 };
    expect(health({ sync: { realtime: component(500, silent), batch: component(460, silent) } })).toMatchObject({
      healthy: false,
      isListening: false,
      batchSyncActive: false,
      reasons: ['no heartbeat of ingest-realtime', 'no heartbeat of ingest-batch'],
    });
  });

  it('is not there before anything was heard of', () => {
    const totals = { realtime: 0, batch: 0, lastRealtimeAt: null };
    expect(health({ sync: { realtime: null, batch: null }, totals })).toMatchObject({
      healthy: false,
      currentBlock: 0,
      lastSyncedBlock: 9,
      isListening: false,
      stats: { totalRevocations: 0, lastBatchSync: null, lastRealTimeUpdate: null },
      components: { 'ingest-realtime': null, 'ingest-batch': null },
    });
  });

  it('tells of a rebuild, which does no harm', () => {
    const generations = [generation('active', 1), generation('building', 2)];
    const rebuild = { generation: 2, reason: 'asked for', startedAt: '2026-01-02T03:04:05.000Z' };
    expect(health({ generations })).toMatchObject({
      healthy: true,
      components: { projector: { generation: 1, rebuild } },
    });
  });

  it('is lost with a revocation topic that is not what it must be', () => {
    const fault = { setting: 'cleanup.policy', expected: 'compact', actual: 'delete' };
    const topicFaults = [{ topic: 'local.signature-revocations.v1', ...fault, noticedAt: now }];
    expect(health({ topicFaults })).toMatchObject({
      healthy: false,
      reasons: ['topic-misconfigured'],
      components: { projector: { topicFaults: [{ ...fault, noticedAt: '2026-01-02T03:04:05.000Z' }] } },
    });
  });

  it('is lost with a final block that was orphaned', () => {
    const violated = component(500, { finalityViolation: true });
    expect(health({ sync: { ...healthy.sync, realtime: violated } })).toMatchObject({
      healthy: false,
      isListening: false,
      reasons: ['finality_violation'],
    });
  });

  it.each([
    ['audit-mismatch', { blockNumber: 450, locks: 1, mismatched: 1, mismatches: [], finding: 'another generation' }],
    ['audit-pending', 'pending' as const],
  ])('is lost with the audit of ingest-batch: %s', (reason, audit) => {
    const sync = { ...healthy.sync, batch: component(460, { audit }) };
    expect(health({ sync })).toMatchObject({
      healthy: false,
      reasons: [reason],
      components: { 'ingest-realtime': { audit: null }, 'ingest-batch': { audit } },
    });
  });

  it('does not depend on the age of the block, and names dead letters without being lost by them', () => {
    const old = component(500);
    const coverage = old.coverage === null ? null : { ...old.coverage, ageSeconds: 10_000 };
    const sync = { realtime: { ...old, coverage }, batch: component(460) };
    expect(health({ sync, unresolvedDeadLetters: 2 })).toMatchObject({
      healthy: true,
      reasons: ['2 unresolved dead letters'],
    });
  });
});

describe('the statistics', () => {
  it('say the same in other names, and what no pass has confirmed yet', () => {
    expect(statsAnswer(healthy, 5, policy, now)).toEqual({
      hybrid_sync: {
        real_time_updates: 3,
        batch_updates: 4,
        total_revocations: 7,
        last_batch_sync: '2026-01-02T03:00:00.000Z',
        last_real_time_update: '2026-01-02T03:04:00.000Z',
        pending_updates: 5,
      },
      blockchain: {
        current_block: 500,
        last_synced_block: 500,
        blocks_behind: 0,
        is_listening: true,
        batch_sync_active: true,
        network: 'sepolia',
        contract_address: contract,
      },
      timestamp: '2026-01-02T03:04:05.000Z',
    });
  });
});
