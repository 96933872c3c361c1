import {
  asOfBlock,
  isMismatch,
  unprovenReasons,
  type AuditDoubt,
  type BlockRef,
  type FreshnessPolicy,
  type UnprovenReason,
  type Watermark,
} from '@hybrid-sync/domain';
import type { ComponentState, SyncState } from '@hybrid-sync/store';

/** A heartbeat is sent every 3 s; after so many seconds without one an ingester counts as gone. */
const heartbeatLimitSeconds = 15;

/** Up to where the read model is complete, and how old that is. */
export interface AsOf {
  readonly block: BlockRef | null;
  readonly ageSeconds: number | null;
}

export function asOf({ realtime, batch }: SyncState, startBlock: number): AsOf {
  const coverages = { realtime: realtime?.coverage ?? null, batch: batch?.coverage ?? null };
  const block = asOfBlock(coverages, startBlock);
  const source = [coverages.realtime, coverages.batch].find((coverage) => coverage?.coveredToHash === block?.hash);
  return { block, ageSeconds: block === null ? null : (source?.ageSeconds ?? null) };
}

/** Why "not revoked" must not be said; empty where it is proven. */
export function verdict(
  state: SyncState,
  { block, ageSeconds }: AsOf,
  policy: Pick<Watermark, 'deadLetter' | 'topicMisconfigured'> & FreshnessPolicy,
): readonly UnprovenReason[] {
  const finalityViolation = [state.realtime, state.batch].some((component) => component?.finalityViolation === true);
  const audit = auditDoubt(state.batch);
  const { deadLetter, topicMisconfigured } = policy;
  const asOf = { asOfBlock: block?.number ?? null, asOfAgeSeconds: ageSeconds };
  return unprovenReasons({ ...asOf, finalityViolation, deadLetter, audit, topicMisconfigured }, policy);
}

/** Counts of the contract are compared by ingest-batch alone, after its first pass and ever after. */
function auditDoubt(batch: ComponentState | null): AuditDoubt | null {
  if (batch?.audit === 'pending') return 'audit-pending';
  return isMismatch(batch?.audit ?? null) ? 'audit-mismatch' : null;
}

/** Measured by the age of the last heartbeat, not a flag that was set once. */
export function isAlive(component: ComponentState | null): boolean {
  return component !== null && component.heartbeatAgeSeconds <= heartbeatLimitSeconds;
}
