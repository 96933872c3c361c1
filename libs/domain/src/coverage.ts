import type { BlockRef } from './block.js';
import type { Coverage } from './sync-status.js';

type Claim = Pick<Coverage, 'coveredFrom' | 'coveredTo' | 'coveredToHash' | 'coveredToTimestamp' | 'settledTo'>;

/** What a component's coverage says once the records that it relies on have been applied. */
export interface AppliedCoverage extends Claim {
  /** A retraction that the component did not know of took back a log of these blocks: only settled ones still count. */
  readonly contradicted: boolean;
}

export interface AppliedCoverages {
  readonly realtime: AppliedCoverage | null;
  readonly batch: AppliedCoverage | null;
}

/**
 * The block up to which the read model is complete, without a gap from the start block; null where nothing is proven.
 * Batch coverage carries the history; realtime coverage counts where it joins the part of it that was final: what a
 * pass saw above may have been orphaned since, and a realtime view that began above the new blocks never saw them. Of
 * two that count, the one that ends in the later block is believed.
 */
export function asOfBlock({ realtime, batch }: AppliedCoverages, startBlock: number): BlockRef | null {
  const history = batch !== null && batch.coveredFrom <= startBlock ? batch : null;
  const historyTo = Math.max(history?.settledTo ?? -1, startBlock - 1);
  const live = realtime !== null && realtime.coveredFrom <= historyTo + 1 ? realtime : null;
  const believed = later(standing(live), standing(history));
  if (believed === null) return null;
  return { number: believed.coveredTo, hash: believed.coveredToHash, timestamp: believed.coveredToTimestamp };
}

function standing(coverage: AppliedCoverage | null): AppliedCoverage | null {
  return coverage?.contradicted === true ? null : coverage;
}

/**
 * Later by block time, not by number: after a reorg to a shorter branch the orphaned tip still has the higher number,
 * and blocks of the new branch up to it have not been scanned.
 */
function later(live: AppliedCoverage | null, history: AppliedCoverage | null): AppliedCoverage | null {
  if (live === null || history === null) return live ?? history;
  const ahead = live.coveredToTimestamp - history.coveredToTimestamp || live.coveredTo - history.coveredTo;
  return ahead >= 0 ? live : history;
}

/** Whether blocks between the settled part of batch coverage and realtime coverage are covered by neither for good. */
export function hasHole(
  realtime: Pick<Coverage, 'coveredFrom'> | null,
  batch: Pick<Coverage, 'settledTo'> | null,
): boolean {
  return realtime !== null && (batch === null || realtime.coveredFrom > batch.settledTo + 1);
}
