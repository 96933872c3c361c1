import type { BlockRef } from './block.js';
import type { Coverage } from './sync-status.js';

/** What a component's coverage says once the records that it relies on have been applied. */
export type AppliedCoverage = Pick<Coverage, 'coveredFrom' | 'coveredTo' | 'coveredToHash' | 'coveredToTimestamp'>;

export interface AppliedCoverages {
  readonly realtime: AppliedCoverage | null;
  readonly batch: AppliedCoverage | null;
}

/**
 * The block up to which the read model is complete, without a gap from the start block; null where nothing is proven.
 * Batch coverage carries the history; realtime coverage counts where it joins it. Where both reach equally far the
 * realtime view of the block is the younger one.
 */
export function asOfBlock({ realtime, batch }: AppliedCoverages, startBlock: number): BlockRef | null {
  const history = batch !== null && batch.coveredFrom <= startBlock ? batch : null;
  const furthest = extend(history, realtime, startBlock);
  if (furthest === null) return null;
  return { number: furthest.coveredTo, hash: furthest.coveredToHash, timestamp: furthest.coveredToTimestamp };
}

function extend(
  history: AppliedCoverage | null,
  realtime: AppliedCoverage | null,
  startBlock: number,
): AppliedCoverage | null {
  const historyTo = history?.coveredTo ?? startBlock - 1;
  const joins = realtime !== null && realtime.coveredFrom <= historyTo + 1 && realtime.coveredTo >= historyTo;
  return joins ? realtime : history;
}

/** Whether blocks between the two coverages are covered by neither. */
export function hasHole(realtime: AppliedCoverage | null, batch: AppliedCoverage | null): boolean {
  return realtime !== null && (batch === null || realtime.coveredFrom > batch.coveredTo + 1);
}
