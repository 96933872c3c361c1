import type { ChainBlock, ChainReader } from '@hybrid-sync/chain';
import { joinHead, type Block, type HeadStep, type LogProof, type RevocationLog } from '@hybrid-sync/domain';
import { Branch } from './branch.js';
import { inParallel } from './in-parallel.js';

/** A block above the finalized one, with the revocations it holds. */
export interface FollowedBlock extends Block {
  readonly logs: readonly RevocationLog[];
  readonly proof: LogProof;
}

/** The finalized block that a followed chain stands on. Its own logs are not looked at. */
export function baseBlock(block: Block): FollowedBlock {
  return {
    number: block.number,
    hash: block.hash,
    parentHash: block.parentHash,
    timestamp: block.timestamp,
    logs: [],
    proof: 'receipts',
  };
}

/** Where the head stands to the followed chain once the parents in between have been read. */
export type Advance =
  | Exclude<HeadStep<FollowedBlock>, { readonly kind: 'walk' | 'advance' }>
  | {
      readonly kind: 'advance';
      readonly blocks: readonly FollowedBlock[];
      readonly orphaned: readonly FollowedBlock[];
    };

/** Blocks whose logs are asked for at once. */
const blocksAtOnce = 8;

/** Walks from the head down by parent hash until it meets the followed chain, and reads the logs of every new block. */
export async function advanceTo(
  head: ChainBlock,
  followed: readonly FollowedBlock[],
  chain: Pick<ChainReader, 'block' | 'blockByHash' | 'logsOfBlock'>,
): Promise<Advance> {
  const branch: [ChainBlock, ...ChainBlock[]] = [head];
  const below = new Branch(chain, followed.at(-1)?.number ?? 0);
  let lowest = head;
  for (;;) {
    const step = joinHead(followed, branch);
    if (step.kind === 'walk') {
      lowest = await below.parentOf(lowest);
      branch.push(lowest);
      continue;
    }
    if (step.kind !== 'advance') return step;
    const added = await inParallel(branch.toReversed(), blocksAtOnce, (block) => withLogs(block, chain));
    return { kind: 'advance', blocks: [...step.kept, ...added], orphaned: step.orphaned };
  }
}

async function withLogs(block: ChainBlock, chain: Pick<ChainReader, 'logsOfBlock'>): Promise<FollowedBlock> {
  return { ...baseBlock(block), ...(await chain.logsOfBlock(block)) };
}
