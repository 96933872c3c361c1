import type { Block } from './block.js';
import type { Hash32 } from './hex.js';
import type { FinalityViolation } from './sync-status.js';

export type HeadStep<B extends Block = Block> =
  | { readonly kind: 'unchanged' }
  /** The head is below our tip and contradicts nothing: the endpoint lags, or the chain was cut and has to grow again. */
  | { readonly kind: 'behind' }
  /** The branch does not meet the followed chain yet; read this parent and ask again. */
  | { readonly kind: 'walk'; readonly parentHash: Hash32 }
  /** Lowest first. `orphaned` is empty where the branch extends our tip. */
  | {
      readonly kind: 'advance';
      readonly kept: readonly B[];
      readonly orphaned: readonly B[];
      readonly added: readonly Block[];
    }
  /** The branch does not contain our lowest block, which was final. */
  | { readonly kind: 'finality_violation'; readonly violation: FinalityViolation };

/**
 * Joins a branch, read from the new head down by parent hash (highest first), to the followed chain (lowest first,
 * each the parent of the next, the lowest one final).
 */
export function joinHead<B extends Block>(chain: readonly B[], branch: readonly [Block, ...Block[]]): HeadStep<B> {
  const head = branch[0];
  const lowest = branch[branch.length - 1] ?? head;
  if (chain.at(-1)?.hash === head.hash) return { kind: 'unchanged' };
  if (isBehind(chain, head)) return { kind: 'behind' };
  const ancestor = chain.findIndex((block) => block.hash === lowest.parentHash);
  if (ancestor >= 0) {
    const kept = chain.slice(0, ancestor + 1);
    return { kind: 'advance', kept, orphaned: chain.slice(ancestor + 1), added: branch.toReversed() };
  }
  const base = chain[0];
  if (base === undefined || lowest.number > base.number + 1) return { kind: 'walk', parentHash: lowest.parentHash };
  return { kind: 'finality_violation', violation: violationOf(base, lowest) };
}

/** Nothing is known of the blocks below our lowest, so a head down there is no proof against it. */
function isBehind(chain: readonly Block[], head: Block): boolean {
  return chain.some((block, index) => block.hash === head.hash || (index === 0 && head.number < block.number));
}

/** `lowest` stands at the height of the base, or right above it on another parent. */
function violationOf(base: Block, lowest: Block): FinalityViolation {
  const actualHash = lowest.number === base.number ? lowest.hash : lowest.parentHash;
  return { blockNumber: base.number, expectedHash: base.hash, actualHash };
}

/** Drops the blocks below the finalized one, which becomes the base. The tip always stays. */
export function dropFinalized<B extends Block>(chain: readonly B[], finalizedBlock: number): readonly B[] {
  const base = chain.findLastIndex((block) => block.number <= finalizedBlock);
  return chain.slice(Math.max(base, 0));
}
