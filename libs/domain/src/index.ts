export {
  encodeAudit,
  isMismatch,
  maxMismatches,
  wireAuditState,
  type Audit,
  type AuditState,
  type CountMismatch,
} from './audit.js';
export {
  encodeAuditCommand,
  encodeAuditCommandStatus,
  type AuditCommand,
  type AuditCommandStatus,
} from './audit-command.js';
export { auditOf, countMismatches, isBeforeStart, type AuditEvidence } from './audit-finding.js';
export { auditDuringPass, auditHeight, auditScope, joinScopes, mismatchText, type AuditScope } from './audit-scope.js';
export {
  backfillCommand,
  encodeBackfillCommand,
  encodeBackfillStatus,
  type BackfillCommand,
  type BackfillStatus,
} from './backfill.js';
export { blockTime, type Block, type BlockRef } from './block.js';
export { blockCount, blockRange, contains, halve, splitBySize, type BlockRange } from './block-range.js';
export { bloomBitsOf, bloomHasBits, bloomMayContain } from './bloom.js';
export { asOfBlock, hasHole, type AppliedCoverage, type AppliedCoverages } from './coverage.js';
export { deploymentDifferences, type ContractIdentity, type Deployment } from './deployment.js';
export {
  unprovenReasons,
  type AuditDoubt,
  type FreshnessPolicy,
  type UnprovenReason,
  type Watermark,
} from './freshness.js';
export { dropFinalized, joinHead, type HeadStep } from './head-chain.js';
export { address, hash32, type Address, type Hash32 } from './hex.js';
export { decodeUtf8, describeProblems } from './json.js';
export { lockId, type LockId } from './lock-id.js';
export { weakestProof, type LogProof } from './log-proof.js';
export { encodeOffsets, maxOffsets, offsetsReached, wireOffsets, type OffsetVector } from './offsets.js';
export { murmur2, partitionOf } from './partition.js';
export { encodeRebuildCommand, type RebuildCommand } from './rebuild-command.js';
export { reconcile, type Reconciliation, type ScannedRange } from './reconcile.js';
export { retractedHeaders, revokedHeaders, source, type Provenance, type Source } from './record-headers.js';
export { parseRevocationKey, revocationKey, type RevocationIdentity } from './revocation-key.js';
export {
  decodeRevocationLog,
  largestLogIndex,
  signatureRevokedTopic,
  type DecodedLog,
  type RawLog,
  type RevocationLog,
} from './revocation-log.js';
export { parseRevocationRecord, type ParsedRevocationRecord } from './parsed-revocation.js';
export {
  encodeRetracted,
  encodeRevoked,
  type RetractedRecord,
  type Retraction,
  type RevocationRecord,
  type RevokedRecord,
} from './revocation-record.js';
export {
  encodeEntry,
  parseEntryRecord,
  type EntryRecord,
  type ParsedEntryRecord,
  type SignatureEntry,
} from './signature-entry.js';
export { maxSignatureBytes, readSignature, signatureHashOf, type SignatureReading } from './signature-hash.js';
export { parseCommandRecord, parseStatusRecord, type ParsedStatusRecord } from './status-record.js';
export {
  encodeComponentStatus,
  type Component,
  type ComponentStatus,
  type Coverage,
  type FinalityViolation,
  type MissingHistory,
} from './sync-status.js';
export { isSameIncarnation, statusOnTopic } from './topic-incarnation.js';
export { revocationPartitions, topicContracts, topicNames, type TopicContract, type TopicNames } from './topics.js';
export { foldWindow, pruneWindow, type LiveRecord, type Window } from './window.js';
