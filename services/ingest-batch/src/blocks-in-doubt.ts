import { blockRange, contains, type BlockRange, type Coverage, type Reconciliation } from '@hybrid-sync/domain';

/** Which blocks above the settled ones were covered before: by an earlier pass, and by realtime. */
export function coveredBefore(own: Coverage | null, realtime: Coverage | null): readonly BlockRange[] {
  if (own === null) return [];
  const ranges = [
    blockRange(own.settledTo + 1, own.coveredTo),
    realtime === null ? null : blockRange(realtime.coveredFrom, realtime.coveredTo),
  ];
  return ranges.filter((range) => range !== null);
}

/**
 * Blocks that were covered before and of which the chain now says something else than the topic: either answer may be
 * the incomplete one. Ascending, each once.
 */
export function blocksInDoubt({ publish, retract }: Reconciliation, covered: readonly BlockRange[]): readonly number[] {
  const differing = [...publish, ...retract].map(({ blockNumber }) => blockNumber);
  const doubtful = differing.filter((block) => covered.some((range) => contains(range, block)));
  return [...new Set(doubtful)].toSorted((a, b) => a - b);
}
