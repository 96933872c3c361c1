import type { Hash32 } from '@hybrid-sync/domain';
import { readBlocksByHash } from './block-answer.js';
import type { Reading } from './reading.js';
import type { ChainBlock, StampedLog } from './wire.js';

/** Seconds since the epoch, by block hash. */
export type BlockTimes = ReadonlyMap<Hash32, number>;

/** The time of every log's block: from its header where that was read, else as the log says it, else read now. */
export async function blockTimes(
  logs: readonly StampedLog[],
  headers: readonly ChainBlock[],
  reading: Reading,
): Promise<BlockTimes> {
  const times = new Map<Hash32, number>();
  for (const { blockHash, blockTimestamp } of logs)
    if (blockTimestamp !== undefined) times.set(blockHash, blockTimestamp);
  for (const { hash, timestamp } of headers) times.set(hash, timestamp);
  const unknown = new Set(logs.map(({ blockHash }) => blockHash).filter((hash) => !times.has(hash)));
  if (unknown.size === 0) return times;
  const blocks = await reading.pool.run((endpoint) => readBlocksByHash(endpoint, [...unknown]));
  for (const { hash, timestamp } of blocks) times.set(hash, timestamp);
  return times;
}
