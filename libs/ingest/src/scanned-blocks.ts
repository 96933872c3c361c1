import type { ScannedRange } from '@hybrid-sync/domain';
import type { FollowedBlock } from './followed-block.js';

/**
 * What the blocks above the base say of the chain, as reconcile takes it. `toBlock` may lie above the last block: a
 * reorg to a shorter branch leaves live records behind that no new block takes the place of.
 */
export function scannedBlocks(followed: readonly FollowedBlock[], toBlock: number): ScannedRange {
  const [base, ...above] = followed;
  const fromBlock = (base?.number ?? toBlock) + 1;
  return {
    range: { fromBlock, toBlock },
    blockHashes: new Map(above.map((block) => [block.number, block.hash])),
    logs: above.flatMap((block) => block.logs),
  };
}
