import { blockCount, type BlockRange } from '@hybrid-sync/domain';

/** How many blocks the next query asks for, and what is known of how much a block holds. */
export interface PieceSizing {
  readonly blocks: number;
  /** Never more than so many. */
  readonly maxBlocks: number;
  /** Null before the first answer. */
  readonly bytesPerBlock: number | null;
}

/** Every log of the event has the same size, so that a count of logs is a count of bytes: in memory, with its strings. */
const bytesPerLog = 1_500;
/** What one query should bring. Larger ones save little: Kafka takes a batch of 900 kB at most. */
const pieceBytes = 2_000_000;
/** What may be read ahead of what is published. */
const aheadBytes = 2 * pieceBytes;

/** Blocks of the first query: what they hold is not known yet, and one answer for many of them may be huge. */
const firstBlocks = 25;
/** How much larger the next piece may be. */
const growth = 8;

export function firstSizing(blocks: number, maxBlocks: number): PieceSizing {
  return { blocks: Math.min(blocks, firstBlocks), maxBlocks, bytesPerBlock: null };
}

export function bytesOf(logs: number): number {
  return logs * bytesPerLog;
}

/** What an answer teaches: dense blocks make the next piece smaller at once, sparse ones let it grow. */
export function sizedBy(sizing: PieceSizing, range: BlockRange, bytes: number): PieceSizing {
  const bytesPerBlock = Math.max(bytes / blockCount(range), (sizing.bytesPerBlock ?? 0) / 2);
  const fitting = bytesPerBlock === 0 ? sizing.maxBlocks : Math.floor(pieceBytes / bytesPerBlock);
  const blocks = Math.max(1, Math.min(fitting, growth * sizing.blocks, sizing.maxBlocks));
  return { ...sizing, blocks, bytesPerBlock };
}

/** After an answer that was too much to take: half of what was asked for. */
export function halved(sizing: PieceSizing, range: BlockRange): PieceSizing {
  return { ...sizing, blocks: Math.max(1, Math.floor(blockCount(range) / 2)) };
}

/** What a piece that has not been read yet is expected to hold. */
export function expectedBytes({ bytesPerBlock }: PieceSizing, range: BlockRange): number {
  return (bytesPerBlock ?? 0) * blockCount(range);
}

/** Whether one more query may start beside those under way: the first answer is awaited alone, it tells the density. */
export function mayStart(sizing: PieceSizing, underWay: readonly number[], queriesAhead: number): boolean {
  if (underWay.length === 0) return true;
  if (sizing.bytesPerBlock === null || underWay.length >= queriesAhead) return false;
  const held = underWay.reduce((sum, bytes) => sum + bytes, 0);
  return held + sizing.bytesPerBlock * sizing.blocks <= aheadBytes;
}
