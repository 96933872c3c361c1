import type { Hash32 } from '@hybrid-sync/domain';
import { readBlockByHash } from './block-answer.js';
import { mapAhead } from './map-ahead.js';
import type { Reading } from './reading.js';
import type { ChainBlock, StampedLog } from './wire.js';

/** Seconds since the epoch, by block hash. */
export type BlockTimes = ReadonlyMap<Hash32, number>;

const blocksAtOnce = 4;

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
  const read = (hash: Hash32): Promise<ChainBlock> =>
    reading.pool.run((endpoint) => readBlockByHash(endpoint, hash, reading));
  for (const { hash, timestamp } of await mapAhead(unknown, blocksAtOnce, read)) times.set(hash, timestamp);
  return times;
}
