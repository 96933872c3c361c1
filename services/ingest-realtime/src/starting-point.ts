import type { ChainBlock } from '@hybrid-sync/chain';
import type { BlockRef, ComponentStatus, FinalityViolation } from '@hybrid-sync/domain';
import { baseBlock, type Ingester } from '@hybrid-sync/ingest';
import { doubtSince, resumePoint, type FollowState } from './follow-state.js';

export type StartingPoint =
  | {
      readonly kind: 'start';
      readonly state: FollowState;
      /** Blocks up to here were covered before: less must not be said. */
      readonly coveredTo: number;
    }
  /** The chain contradicts what this ingester said before, and no operator has accepted it. */
  | { readonly kind: 'violation'; readonly violation: FinalityViolation };

/**
 * Where to begin: above the blocks that were settled before, or, where there are none or they are too far behind, at the
 * finalized block.
 */
export async function startingPoint(
  { chain, view }: Pick<Ingester, 'chain' | 'view'>,
  said: ComponentStatus | null,
  { head, jumps }: { readonly head: BlockRef; readonly jumps: boolean },
): Promise<StartingPoint> {
  const violation = await violationSince(said, chain);
  if (violation !== null) return { kind: 'violation', violation };
  const resumed = jumps ? null : resumePoint(said, head);
  if (resumed === null) {
    const base = await finalizedBase(chain, view.floor);
    const state = { blocks: [baseBlock(base)], coveredFrom: base.number + 1, doubt: null } as const;
    return { kind: 'start', state, coveredTo: 0 };
  }
  const base = baseBlock(await chain.block(Math.max(resumed.baseBlock, view.floor)));
  const coveredTo = said?.coverage?.coveredTo ?? 0;
  const doubt = said === null ? null : doubtSince(said);
  return { kind: 'start', state: { blocks: [base], coveredFrom: resumed.coveredFrom, doubt }, coveredTo };
}

/** What the window leaves out must not be looked at: an endpoint may lag behind the one that said what is final. */
async function finalizedBase(chain: Pick<Ingester['chain'], 'block'>, floor: number): Promise<ChainBlock> {
  const finalized = await chain.block('finalized');
  return finalized.number >= floor ? finalized : chain.block(floor);
}

async function violationSince(
  said: ComponentStatus | null,
  chain: Pick<Ingester['chain'], 'block'>,
): Promise<FinalityViolation | null> {
  if (said === null) return null;
  if (said.finalityViolation !== null) return said.finalityViolation;
  const { number, hash } = said.finalized;
  const now = await chain.block(number);
  return now.hash === hash ? null : { blockNumber: number, expectedHash: hash, actualHash: now.hash };
}
