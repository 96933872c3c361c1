import {
  weakestProof,
  dropFinalized,
  type BlockRef,
  type Component,
  type ComponentStatus,
  type Deployment,
  type FinalityViolation,
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
  return { ...state, blocks: [base ?? state.blocks[0], ...above] };
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
}

export function statusOf(state: FollowState, { offsets, ...parts }: StatusParts): ComponentStatus {
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
    proof: weakestProof(state.blocks.slice(1).map(({ proof }) => proof)),
    windowOffsets: new Map(),
    audit: null,
    missing: null,
  };
}

/** The last status, with the violation that stops everything. */
export function violatedStatus(status: ComponentStatus, violation: FinalityViolation): ComponentStatus {
  return { ...status, finalityViolation: violation };
}
