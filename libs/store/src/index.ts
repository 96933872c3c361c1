export { abandonBuilding } from './abandoned-building.js';
export { adoptTopic, followTopic, type TopicIncarnation } from './adopted-topic.js';
export {
  advanceOffset,
  readAppliedOffsets,
  readCurrentAges,
  stampCurrent,
  type FoldedTopic,
  type OffsetAdvance,
  type StandingAtEnd,
} from './applied-offsets.js';
export { readEntryStandings, type EntryStanding } from './entry-standings.js';
export { beginGeneration, type GenerationPlan } from './begin-generation.js';
export { findBackfill, upsertBackfill, type BackfillTimes, type StoredBackfill } from './backfills.js';
export {
  insertCoverageClaim,
  pruneCoverageClaims,
  upsertComponentStatus,
  type StatusOrigin,
} from './component-status.js';
export { Database, type DatabaseOptions } from './database.js';
export {
  countDeadLettersOf,
  countUnresolvedDeadLetters,
  hasDeadLettersAhead,
  hasOpenDeadLetters,
  insertDeadLetters,
  overtakeDeadLetters,
  supersedeDeadLetters,
  type DeadLetter,
  type Superseded,
} from './dead-letters.js';
export {
  holdActiveGeneration,
  readGenerations,
  shareActiveGeneration,
  shareGeneration,
  type Generation,
  type Slot,
} from './generations.js';
export { isLockTimeout } from './lock-timeout.js';
export { holdAppliedOffset, type PartitionOfFold } from './held-offset.js';
export { migrate, requireSchema } from './migrations.js';
export type { Queryable, QueryLimits } from './queryable.js';
export { isRefusedValue } from './refused-value.js';
export { upsertEntries } from './recorded-entries.js';
export { forgetMalformed, insertRetractions, type RetractionRow } from './retractions.js';
export {
  findRevocation,
  listRevocations,
  readLockStats,
  type ListPosition,
  type LockStats,
  type StoredRevocation,
} from './revocation-queries.js';
export { countRevocationsAbove, readRevocationTotals, type RevocationTotals } from './revocation-totals.js';
export {
  deleteRevocations,
  packRevocations,
  upsertRevocations,
  type PackedRevocations,
  type RevocationRow,
} from './revoked-signatures.js';
export {
  findDeadLetters,
  listDeadLetters,
  resolveDeadLetter,
  type LetterFilter,
  type LetterResolution,
  type LetterSummary,
  type Resolution,
  type StoredLetter,
} from './stored-letters.js';
export { readSyncState, type ComponentState, type SyncState } from './sync-state.js';
export { schemaText } from './schema-text.js';
export { requireSafeServer } from './safe-server.js';
export { grantRoles, type Roles } from './roles.js';
export { createSecondaryIndexes, dropSecondaryIndexes } from './secondary-indexes.js';
export { switchTo } from './switched-generation.js';
export { readTopicFaults, writeTopicFaults, type NoticedTopicFault, type TopicFault } from './topic-faults.js';
export { type TransactionLimits } from './transaction-limits.js';
export { relaxCommit } from './relaxed-commit.js';
