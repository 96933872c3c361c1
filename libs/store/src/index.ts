export { advanceOffset, readAppliedOffsets, type OffsetAdvance } from './applied-offsets.js';
export { findBackfill, upsertBackfill, type BackfillTimes, type StoredBackfill } from './backfills.js';
export {
  insertCoverageClaim,
  pruneCoverageClaims,
  upsertComponentStatus,
  type StatusOrigin,
} from './component-status.js';
export { Database, type DatabaseOptions } from './database.js';
export { countDeadLettersOf, countUnresolvedDeadLetters, insertDeadLetter, type DeadLetter } from './dead-letters.js';
export { migrate, requireSchema } from './migrations.js';
export type { Queryable } from './queryable.js';
export { isRefusedValue } from './refused-value.js';
export { insertRetractions, type RetractionRow } from './retractions.js';
export {
  findRevocation,
  listRevocations,
  readLockStats,
  type ListPosition,
  type LockStats,
  type StoredRevocation,
} from './revocation-queries.js';
export { countRevocationsAbove, readRevocationTotals, type RevocationTotals } from './revocation-totals.js';
export { deleteRevocations, upsertRevocations, type RevocationRow } from './revoked-signatures.js';
export { readSyncState, type ComponentState, type SyncState } from './sync-state.js';
