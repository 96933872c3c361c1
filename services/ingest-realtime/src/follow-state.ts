import {
  weakestProof,
  dropFinalized,
  type BlockRef,
  type Component,
  type ComponentStatus,
  type Deployment,
  type FinalityViolation,
  type LogProof,
  type OffsetVector,
} from '@hybrid-sync/domain';
import type { FollowedBlock } from '@hybrid-sync/ingest';

/**
 * Further behind than this the ingester jumps to the finalized block and leaves the hole to ingest-batch. No step reads
 * more blocks either, unless they were covered before.
 */
export const maxBlocksBehind = 256;

/** What the ingester stands on between two steps. */
export interface FollowState {
  /** Lowest first, each the parent of the next, up to our tip. The lowest one is final. */
  readonly blocks: readonly [FollowedBlock, ...FollowedBlock[]];
  /** First block that is covered without a gap up to our tip. */
  readonly coveredFrom: number;
  /** Null where every settled block was read by its receipts. */
  readonly doubt: SettledDoubt | null;
}

/** Finality does not prove what an endpoint said of a block: until ingest-batch has read it again it stays in doubt. */
export interface SettledDoubt {
  readonly toBlock: number;
  /** Of the settled blocks up to there, the weakest. */
  readonly proof: LogProof;
}

export function tipOf({ blocks }: FollowState): FollowedBlock {
  return blocks.at(-1) ?? blocks[0];
}

/**
 * The state after the chain has been followed to new blocks, of which those up to the finalized one will not change. A
 * finalized block that is not among them says nothing about them: the chain has moved on since they were read.
 */
export function followedTo(state: FollowState, blocks: readonly FollowedBlock[], finalized: BlockRef): FollowState {
  const isOurs = blocks.some(({ hash }) => hash === finalized.hash);
  const [base, ...above] = isOurs ? dropFinalized(blocks, finalized.number) : blocks;
  const kept = base ?? state.blocks[0];
  const settled = blocks.filter(({ number }) => number <= kept.number);
  return { ...state, blocks: [kept, ...above], doubt: doubtOf(settled, state.doubt) };
}

function doubtOf(settled: readonly FollowedBlock[], before: SettledDoubt | null): SettledDoubt | null {
  const doubtful = settled.filter(({ proof }) => proof !== 'receipts');
  const last = doubtful.at(-1);
  if (last === undefined) return before;
  const proofs = doubtful.map(({ proof }) => proof);
  return { toBlock: last.number, proof: weakestProof(before === null ? proofs : [...proofs, before.proof]) };
}

/** What a restart has to assume of the blocks that were settled before. */
export function doubtSince({ proof, coverage }: ComponentStatus): SettledDoubt | null {
  return coverage === null || proof === 'receipts' ? null : { toBlock: coverage.settledTo, proof };
}

/** Ingest-batch has read final blocks again up to here; -1 where that was on an endpoint's word too. */
function rereadTo(history: ComponentStatus | null): number {
  return history === null || history.proof === 'none' ? -1 : (history.coverage?.settledTo ?? -1);
}

/**
 * Where to go on after a restart: above the blocks that were final when they were scanned, unless the head has run too
 * far ahead. Null: start at the finalized block and leave what lies below to ingest-batch.
 */
export function resumePoint(
  status: ComponentStatus | null,
  head: BlockRef,
): { readonly baseBlock: number; readonly coveredFrom: number } | null {
  const coverage = status?.coverage ?? null;
  if (coverage === null || head.number - coverage.coveredTo > maxBlocksBehind) return null;
  return { baseBlock: coverage.settledTo, coveredFrom: coverage.coveredFrom };
}

/** The very first start leaves what is already there to the first pass of ingest-batch, for at most this long. */
const patienceMs = 10_000;

/** Whether a first start has to wait: blocks that were mined before it are history, not news. */
export function awaitsHistory(history: ComponentStatus | null, firstHead: number, waitedMs: number): boolean {
  return waitedMs < patienceMs && (history?.coverage?.coveredTo ?? -1) < firstHead;
}

export interface StatusParts {
  readonly component: Component;
  readonly deployment: Deployment;
  readonly head: BlockRef;
  readonly finalized: BlockRef;
  readonly offsets: OffsetVector;
  /** The last status of ingest-batch; null where there is none. */
  readonly history: ComponentStatus | null;
}

export function statusOf(state: FollowState, { offsets, history, ...parts }: StatusParts): ComponentStatus {
  const tip = tipOf(state);
  const coverage = {
    coveredFrom: state.coveredFrom,
    coveredTo: tip.number,
    coveredToHash: tip.hash,
    coveredToTimestamp: tip.timestamp,
    settledTo: state.blocks[0].number,
    offsets,
  };
  return {
    ...parts,
    syncing: false,
    coverage,
    finalityViolation: null,
    proof: proofOf(state, rereadTo(history)),
    windowOffsets: new Map(),
    audit: null,
    missing: null,
  };
}

function proofOf({ blocks, doubt }: FollowState, reread: number): LogProof {
  const settled = doubt !== null && doubt.toBlock > reread ? [doubt.proof] : [];
  return weakestProof([...settled, ...blocks.slice(1).map(({ proof }) => proof)]);
}

/** The last status, with the violation that stops everything. */
export function violatedStatus(status: ComponentStatus, violation: FinalityViolation): ComponentStatus {
  return { ...status, finalityViolation: violation };
}
