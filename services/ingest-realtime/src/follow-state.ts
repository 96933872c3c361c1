import {
  dropFinalized,
  type BlockRef,
  type Component,
  type ComponentStatus,
  type Deployment,
  type FinalityViolation,
  type OffsetVector,
} from '@hybrid-sync/domain';
import type { FollowedBlock } from '@hybrid-sync/ingest';

/** Further behind than this the ingester jumps to the head and leaves the hole to ingest-batch. */
export const maxBlocksBehind = 256;

/** What the ingester stands on between two steps. */
export interface FollowState {
  /** Lowest first, each the parent of the next, up to our tip. */
  readonly blocks: readonly [FollowedBlock, ...FollowedBlock[]];
  /** First block that is covered without a gap up to our tip. */
  readonly coveredFrom: number;
  /** Finalized block as last seen. The lowest followed block lies above it until the chain has moved on far enough. */
  readonly finalizedBlock: number;
}

export function tipOf({ blocks }: FollowState): FollowedBlock {
  return blocks.at(-1) ?? blocks[0];
}

/** Whether no reorg may reach below the lowest followed block. */
export function standsOnFinal({ blocks, finalizedBlock }: FollowState): boolean {
  return blocks[0].number <= finalizedBlock;
}

/** The state after the chain has been followed to new blocks, of which those up to `finalizedBlock` will not change. */
export function followedTo(state: FollowState, blocks: readonly FollowedBlock[], finalizedBlock: number): FollowState {
  const [base, ...above] = dropFinalized(blocks, finalizedBlock);
  return { ...state, finalizedBlock, blocks: [base ?? state.blocks[0], ...above] };
}

/**
 * Where to go on after a restart: above the blocks that were final when they were scanned, unless the head has run too
 * far ahead. Null: start at the head and leave what lies below to ingest-batch.
 */
export function resumePoint(
  status: ComponentStatus | null,
  head: BlockRef,
): { readonly baseBlock: number; readonly coveredFrom: number } | null {
  const coverage = status?.coverage ?? null;
  if (coverage === null || head.number - coverage.coveredTo > maxBlocksBehind) return null;
  return { baseBlock: coverage.settledTo, coveredFrom: coverage.coveredFrom };
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
    settledTo: Math.min(state.blocks[0].number, state.finalizedBlock),
    offsets,
  };
  return { ...parts, syncing: false, coverage, finalityViolation: null };
}

/** The last status, with the violation that stops everything. */
export function violatedStatus(status: ComponentStatus, violation: FinalityViolation): ComponentStatus {
  return { ...status, finalityViolation: violation };
}
