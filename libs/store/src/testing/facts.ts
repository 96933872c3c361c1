import type { ComponentStatus, Coverage, RevokedRecord, Source } from '@hybrid-sync/domain';
import { hashOf, identity, lockIdOf, plainClaims, revocationLog } from '../../../domain/src/testing/arbitraries.js';
import type { RevocationRow, StatusOrigin } from '../index.js';

/** A row to be upserted; the same lock and signature in another block is another log. */
export function rowOf(
  lock: number | bigint,
  signature: number,
  { block = 1000, source = 'realtime', partition = 0 }: { block?: number; source?: Source; partition?: number } = {},
): RevocationRow {
  const log = revocationLog({
    lockId: lockIdOf(lock),
    signatureHash: hashOf(signature),
    blockNumber: block,
    blockHash: hashOf(0xb10c0000 + block),
    blockTimestamp: 1_700_000_000 + block,
    transactionHash: hashOf(0x7a000000 + block),
    logIndex: signature % 1000,
  });
  const record: RevokedRecord = { ...log, ...identity, schemaVersion: 1, kind: 'revoked', topics: [...log.topics] };
  return { record, partition, source };
}

/** Blocks 0..`coveredTo`, in records below offset `nextOffset` of partition 0. */
export function coverageOf(coveredTo: number, changes: Partial<Coverage> = {}): Coverage {
  return {
    coveredFrom: 0,
    coveredTo,
    coveredToHash: hashOf(coveredTo),
    coveredToTimestamp: 1_700_000_000 + coveredTo,
    settledTo: 0,
    offsets: new Map(),
    ...changes,
  };
}

export function statusOf(changes: Partial<ComponentStatus> = {}): ComponentStatus {
  const head = { number: 9, hash: hashOf(9), timestamp: 1_700_000_009 };
  return {
    component: 'ingest-realtime',
    deployment: { ...identity, startBlock: 3, startBlockHash: hashOf(3) },
    head,
    finalized: { ...head, number: 5 },
    syncing: false,
    coverage: null,
    finalityViolation: null,
    ...plainClaims,
    ...changes,
  };
}

/** A status that was written to the topic at the given time, and read alone. */
export function originOf(offset: number, timestamp: number, revocationTopic = 'revocations'): StatusOrigin {
  const since = { syncingSince: timestamp, coveredSince: timestamp };
  return { offset, timestamp, ...since, revocationTopic, topicIncarnation: null };
}
