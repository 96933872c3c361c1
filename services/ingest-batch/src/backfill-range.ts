import { blockRange, type BackfillCommand, type BlockRange } from '@hybrid-sync/domain';

export type BackfillRange =
  | { readonly kind: 'range'; readonly range: BlockRange }
  /** A sentence for whoever gave the command. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface ChainBounds {
  readonly startBlock: number;
  readonly head: number;
}

/** Which blocks a command is about: what it names of the blocks from the start block to the head. */
export function backfillRange(
  { fromBlock: first = 0, toBlock: last = Number.MAX_SAFE_INTEGER }: Pick<BackfillCommand, 'fromBlock' | 'toBlock'>,
  { startBlock, head }: ChainBounds,
): BackfillRange {
  if (first > last) return refused(`the range ${first}..${last} is empty: it ends before it begins`);
  if (first > head) return refused(`the range begins at ${first}, above the head, which is ${head}`);
  if (last < startBlock) return refused(`the range ends at ${last}, below the start block, which is ${startBlock}`);
  const range = blockRange(Math.max(first, startBlock), Math.min(last, head));
  return range === null
    ? refused(`there is no block yet: the start block is ${startBlock}, the head ${head}`)
    : { kind: 'range', range };
}

function refused(reason: string): BackfillRange {
  return { kind: 'refused', reason };
}
