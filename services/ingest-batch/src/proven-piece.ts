import { reconcile, type BlockRange, type RevocationLog, type Window } from '@hybrid-sync/domain';
import { blocksInDoubt } from './blocks-in-doubt.js';
import type { FinalPiece, RangeReader } from './final-pieces.js';
import { prefetch } from './prefetch.js';

/** Blocks that are proven at once. */
const proofsAhead = 4;

export interface KnownBefore {
  readonly window: Window;
  readonly covered: readonly BlockRange[];
}

/**
 * The same piece, with the logs of blocks that contradict what was covered before taken from the blocks' receipts: a
 * difference is acted on only once it is proven.
 */
export async function provenPiece(
  chain: RangeReader,
  piece: FinalPiece,
  { window, covered }: KnownBefore,
): Promise<FinalPiece> {
  const { scanned } = piece;
  const doubtful = new Set(blocksInDoubt(reconcile(scanned, window), covered));
  if (doubtful.size === 0) return piece;
  const blockHashes = new Map(scanned.blockHashes);
  const logs: RevocationLog[] = scanned.logs.filter(({ blockNumber }) => !doubtful.has(blockNumber));
  const prove = (block: number): ReturnType<RangeReader['logsOfRange']> =>
    chain.logsOfRange({ fromBlock: block, toBlock: block }, 'receipts');
  for await (const proven of prefetch(doubtful, proofsAhead, prove)) {
    blockHashes.set(proven.last.number, proven.last.hash);
    logs.push(...proven.logs);
  }
  logs.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
  return { ...piece, scanned: { ...scanned, blockHashes, logs } };
}
