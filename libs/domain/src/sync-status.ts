import { z } from 'zod';
import { blockNumber, blockTime, encodeBlock, wireBlock, wireSeconds, type BlockRef } from './block.js';
import { deployment, type Deployment } from './deployment.js';
import { canonicalHash32, type Hash32 } from './hex.js';
import { encodeAudit, wireAuditState, type AuditState } from './audit.js';
import { logProof, type LogProof } from './log-proof.js';
import { encodeOffsets, wireOffsets, type OffsetVector } from './offsets.js';

const component = z.enum(['ingest-realtime', 'ingest-batch']);
export type Component = z.infer<typeof component>;

/** Blocks `coveredFrom..coveredTo` are fully published, in records that all lie below `offsets`. */
export interface Coverage {
  readonly coveredFrom: number;
  readonly coveredTo: number;
  readonly coveredToHash: Hash32;
  /** Seconds since the epoch. */
  readonly coveredToTimestamp: number;
  /** Blocks up to here were final when they were scanned: a restart or the next pass goes on above. */
  readonly settledTo: number;
  readonly offsets: OffsetVector;
}

/** Blocks that no endpoint has any more. Until one does, ingest-batch stands still below them. */
export interface MissingHistory {
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** A reorg reached below a block that was final. */
export interface FinalityViolation {
  readonly blockNumber: number;
  readonly expectedHash: Hash32;
  readonly actualHash: Hash32;
}

/** What an ingester says about itself: at least every 5 s, also when nothing happens. */
export interface ComponentStatus {
  readonly component: Component;
  readonly deployment: Deployment;
  /** The chain's head and finalized block, as this ingester last saw them. */
  readonly head: BlockRef;
  readonly finalized: BlockRef;
  /** A pass or a catch-up is running at this moment. */
  readonly syncing: boolean;
  /** Null before the first step is done. */
  readonly coverage: Coverage | null;
  /** Not null: nothing is published and "not revoked" is unknown until an operator acts. */
  readonly finalityViolation: FinalityViolation | null;
  /**
   * The last violation that an operator has accepted: what was covered before it is void. Of ingest-batch the one that it
   * has begun anew after; left out where there was none.
   */
  readonly acceptedViolation?: FinalityViolation | null;
  /**
   * The weakest of what is known of the blocks: of ingest-realtime those that ingest-batch has not read again since they
   * became final, of ingest-batch all that its last pass has read.
   */
  readonly proof: LogProof;
  /** Reading the revocation topic from here on finds every live record above `coverage.settledTo`. */
  readonly windowOffsets: OffsetVector;
  /** The last comparison with the contract's own counts; of ingest-realtime always null. */
  readonly audit: AuditState;
  readonly missing: MissingHistory | null;
  /**
   * Which topic of its name the revocation topic was that the offsets speak of: a topic that was made again, or of which
   * records were deleted, is another one. Null or left out in records of earlier versions.
   */
  readonly topicIncarnation?: string | null;
}

const violation = z.strictObject({ blockNumber, expectedHash: canonicalHash32, actualHash: canonicalHash32 });

/** The value of a component's record on the sync-status topic; the record's key is the component. */
export const componentStatusRecord = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('component'),
  component,
  ...deployment.shape,
  head: wireBlock,
  finalized: wireBlock,
  syncing: z.boolean(),
  coveredFrom: blockNumber.nullable(),
  coveredTo: blockNumber.nullable(),
  coveredToHash: canonicalHash32.nullable(),
  coveredToTimestamp: wireSeconds.nullable(),
  settledTo: blockNumber.nullable(),
  offsets: wireOffsets,
  finalityViolation: violation.nullable(),
  acceptedViolation: violation.nullish(),
  proof: logProof.default('none'),
  windowOffsets: wireOffsets.default(new Map()),
  audit: wireAuditState.default(null),
  missing: z.strictObject({ fromBlock: blockNumber, toBlock: blockNumber }).nullable().default(null),
  topicIncarnation: z.string().min(1).max(1000).nullish(),
});
type WireStatus = z.infer<typeof componentStatusRecord>;

export function componentStatusOf(wire: WireStatus): ComponentStatus {
  const { chainId, contract, startBlock, startBlockHash } = wire;
  return {
    component: wire.component,
    deployment: { chainId, contract, startBlock, startBlockHash },
    head: wire.head,
    finalized: wire.finalized,
    syncing: wire.syncing,
    coverage: coverageOf(wire),
    finalityViolation: wire.finalityViolation,
    ...(wire.acceptedViolation == null ? {} : { acceptedViolation: wire.acceptedViolation }),
    proof: wire.proof,
    windowOffsets: wire.windowOffsets,
    audit: wire.audit,
    missing: wire.missing,
    ...(wire.topicIncarnation == null ? {} : { topicIncarnation: wire.topicIncarnation }),
  };
}

/** Byte-identical for equal statuses: the field order is fixed here. */
export function encodeComponentStatus(status: ComponentStatus): string {
  const { chainId, contract, startBlock, startBlockHash } = status.deployment;
  const wire: z.input<typeof componentStatusRecord> = {
    schemaVersion: 1,
    kind: 'component',
    component: status.component,
    chainId,
    contract,
    startBlock,
    startBlockHash,
    head: encodeBlock(status.head),
    finalized: encodeBlock(status.finalized),
    syncing: status.syncing,
    ...encodeCoverage(status.coverage),
    finalityViolation: encodeViolation(status.finalityViolation),
    ...(status.acceptedViolation == null ? {} : { acceptedViolation: encodeViolation(status.acceptedViolation) }),
    proof: status.proof,
    windowOffsets: encodeOffsets(status.windowOffsets),
    audit: encodeAudit(status.audit),
    missing: encodeMissing(status.missing),
    ...(status.topicIncarnation == null ? {} : { topicIncarnation: status.topicIncarnation }),
  };
  return JSON.stringify(wire);
}

function encodeViolation(violation: FinalityViolation | null): FinalityViolation | null {
  if (violation === null) return null;
  const { blockNumber: number, expectedHash, actualHash } = violation;
  return { blockNumber: number, expectedHash, actualHash };
}

function encodeMissing(missing: MissingHistory | null): MissingHistory | null {
  return missing === null ? null : { fromBlock: missing.fromBlock, toBlock: missing.toBlock };
}

function encodeCoverage(coverage: Coverage | null): WireCoverage {
  if (coverage === null) return noCoverage;
  const { coveredFrom, coveredTo, coveredToHash, settledTo } = coverage;
  const coveredToTimestamp = blockTime(coverage.coveredToTimestamp);
  return {
    coveredFrom,
    coveredTo,
    coveredToHash,
    coveredToTimestamp,
    settledTo,
    offsets: encodeOffsets(coverage.offsets),
  };
}

type WireCoverage = Pick<
  z.input<typeof componentStatusRecord>,
  'coveredFrom' | 'coveredTo' | 'coveredToHash' | 'coveredToTimestamp' | 'settledTo' | 'offsets'
>;

const noCoverage: WireCoverage = {
  coveredFrom: null,
  coveredTo: null,
  coveredToHash: null,
  coveredToTimestamp: null,
  settledTo: null,
  offsets: {},
};

/** Coverage stands only where every part of it is said. */
function coverageOf(wire: WireStatus): Coverage | null {
  const { coveredFrom, coveredTo, coveredToHash, coveredToTimestamp, settledTo, offsets } = wire;
  if (coveredFrom === null || coveredTo === null || settledTo === null) return null;
  if (coveredToHash === null || coveredToTimestamp === null) return null;
  return { coveredFrom, coveredTo, coveredToHash, coveredToTimestamp, settledTo, offsets };
}
