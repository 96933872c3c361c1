import { encodeAudit } from '@hybrid-sync/domain';
import type { NetworkConfig } from '@hybrid-sync/runtime';
import type { Generation, NoticedTopicFault, RevocationTotals, SyncState } from '@hybrid-sync/store';
import { asOf, isAlive, verdict } from './sync-verdict.js';

/** At so many blocks behind the head the system no longer counts as healthy. */
const blocksBehindLimit = 100;

export interface SystemState {
  readonly sync: SyncState;
  readonly totals: RevocationTotals;
  readonly unresolvedDeadLetters: number;
  readonly generations: readonly Generation[];
  /** How the revocation topic differs from what it must be. */
  readonly topicFaults: readonly NoticedTopicFault[];
}

export interface MonitorPolicy {
  readonly network: NetworkConfig;
  readonly maxStalenessSeconds: number;
}

/** Where the system stands: what /health and /stats both say. */
interface Standing {
  readonly currentBlock: number;
  readonly lastSyncedBlock: number;
  readonly blocksBehind: number;
  readonly isListening: boolean;
  readonly batchSyncActive: boolean;
  readonly network: string;
  readonly contractAddress: string;
}

function standingOf({ realtime, batch }: SyncState, { network }: MonitorPolicy): Standing {
  const currentBlock = realtime?.headBlock ?? batch?.headBlock ?? 0;
  const { block } = asOf({ realtime, batch }, network.startBlock);
  const lastSyncedBlock = block?.number ?? Math.max(network.startBlock - 1, 0);
  return {
    currentBlock,
    lastSyncedBlock,
    blocksBehind: Math.max(currentBlock - lastSyncedBlock, 0),
    isListening: isAlive(realtime) && realtime?.finalityViolation !== true,
    batchSyncActive: isAlive(batch),
    network: network.name,
    contractAddress: network.contract,
  };
}

/** The answer of GET /health. `healthy`: fewer than 100 blocks behind, heartbeats fresh, no finality violation. */
export function healthAnswer(state: SystemState, policy: MonitorPolicy, now: Date): object {
  const standing = standingOf(state.sync, policy);
  const { totals } = state;
  const unhealthy = unhealthyReasons(state, standing, policy);
  const deadLetters = state.unresolvedDeadLetters;
  return {
    healthy: unhealthy.length === 0,
    ...standing,
    stats: {
      realTimeUpdates: totals.realtime,
      batchUpdates: totals.batch,
      totalRevocations: totals.realtime + totals.batch,
      lastBatchSync: state.sync.batch?.syncedAt?.toISOString() ?? null,
      lastRealTimeUpdate: totals.lastRealtimeAt?.toISOString() ?? null,
    },
    reasons: [...unhealthy, ...(deadLetters === 0 ? [] : [`${deadLetters} unresolved dead letters`])],
    components: {
      'ingest-realtime': componentDetail(state.sync.realtime),
      'ingest-batch': componentDetail(state.sync.batch),
      projector: projectorDetail(state),
    },
    timestamp: now.toISOString(),
  };
}

/** The answer of GET /stats. @param pending revocations that no batch pass has confirmed yet */
export function statsAnswer(state: SystemState, pending: number, policy: MonitorPolicy, now: Date): object {
  const standing = standingOf(state.sync, policy);
  const { totals } = state;
  return {
    hybrid_sync: {
      real_time_updates: totals.realtime,
      batch_updates: totals.batch,
      total_revocations: totals.realtime + totals.batch,
      last_batch_sync: state.sync.batch?.syncedAt?.toISOString() ?? null,
      last_real_time_update: totals.lastRealtimeAt?.toISOString() ?? null,
      pending_updates: pending,
    },
    blockchain: {
      current_block: standing.currentBlock,
      last_synced_block: standing.lastSyncedBlock,
      blocks_behind: standing.blocksBehind,
      is_listening: standing.isListening,
      batch_sync_active: standing.batchSyncActive,
      network: standing.network,
      contract_address: standing.contractAddress,
    },
    timestamp: now.toISOString(),
  };
}

function unhealthyReasons(
  { sync, topicFaults }: SystemState,
  standing: Standing,
  policy: MonitorPolicy,
): readonly string[] {
  const doubts = { deadLetter: false, topicMisconfigured: topicFaults.length > 0 };
  const reasons = verdict(sync, asOf(sync, policy.network.startBlock), { ...policy, ...doubts });
  return [
    ...reasons.filter((reason) => reason !== 'stale'),
    ...(standing.blocksBehind < blocksBehindLimit ? [] : [`${standing.blocksBehind} blocks behind`]),
    ...(isAlive(sync.realtime) ? [] : ['no heartbeat of ingest-realtime']),
    ...(isAlive(sync.batch) ? [] : ['no heartbeat of ingest-batch']),
  ];
}

function componentDetail(component: SyncState['realtime']): object | null {
  if (component === null) return null;
  const { headBlock, finalizedBlock, syncing, heartbeatAgeSeconds, coverage, audit } = component;
  return {
    headBlock,
    finalizedBlock,
    syncing,
    heartbeatAgeSeconds,
    coveredFrom: coverage?.coveredFrom ?? null,
    coveredTo: coverage?.coveredTo ?? null,
    audit: encodeAudit(audit),
  };
}

/** Which fold of the topic is served, and whether another one is being built. */
function projectorDetail({ generations, topicFaults }: SystemState): object {
  const building = generations.find(({ state }) => state === 'building');
  return {
    generation: generations.find(({ state }) => state === 'active')?.generation ?? null,
    rebuild:
      building === undefined
        ? null
        : {
            generation: building.generation,
            reason: building.reason,
            startedAt: building.startedAt.toISOString(),
          },
    topicFaults: topicFaults.map(({ setting, expected, actual, noticedAt }) => ({
      setting,
      expected,
      actual,
      noticedAt: noticedAt.toISOString(),
    })),
  };
}
