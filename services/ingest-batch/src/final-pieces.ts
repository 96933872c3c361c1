import type { ChainBlock } from '@hybrid-sync/chain';
import { splitBySize, type BlockRange, type ScannedRange } from '@hybrid-sync/domain';
import type { Ingester } from '@hybrid-sync/ingest';
import { prefetch } from './prefetch.js';

export interface ReadOptions {
  readonly blocksPerQuery: number;
  readonly signal: AbortSignal;
}

/** Queries under way at once. */
const queriesAhead = 4;

export interface FinalPiece {
  readonly scanned: ScannedRange;
  /** Header of the last block of the piece. */
  readonly last: ChainBlock;
}

/** Reads a range of final blocks piece by piece, ahead and in order; throws between two pieces once the signal aborts. */
export async function* finalPieces(
  chain: Pick<Ingester['chain'], 'logsOfRange'>,
  range: BlockRange,
  { blocksPerQuery, signal }: ReadOptions,
): AsyncGenerator<FinalPiece> {
  const read = async (piece: BlockRange): Promise<FinalPiece> => {
    const { last, logs } = await chain.logsOfRange(piece);
    const blockHashes = new Map(logs.map((log) => [log.blockNumber, log.blockHash]));
    return { last, scanned: { range: piece, blockHashes, logs } };
  };
  for await (const piece of prefetch(splitBySize(range, blocksPerQuery), queriesAhead, read)) {
    signal.throwIfAborted();
    yield piece;
  }
}
