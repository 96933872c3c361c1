import { hash32, type BlockRange, type Hash32, type RevocationIdentity } from '@hybrid-sync/domain';
import { revocationTopic } from './lock-registry.js';
import { readRangeLogs } from './range-logs.js';
import type { Reading } from './reading.js';
import type { StampedLog } from './wire.js';

/**
 * The newest log of one revocation within a range, null where there is none; the newest blocks are searched first. An
 * answer without the log is held against another endpoint's, where there is one.
 */
export async function findRevocationLog(
  identity: RevocationIdentity,
  range: BlockRange,
  reading: Reading,
): Promise<StampedLog | null> {
  for (const window of newestFirst(range)) {
    const log = await searchWindow(identity, window, reading);
    if (log !== null) return log;
  }
  return null;
}

/** Growing windows from the end down: what was retracted by a reorg stands near the head again, if at all. */
export function* newestFirst({ fromBlock, toBlock }: BlockRange): Generator<BlockRange> {
  let blocks = 1000;
  for (let to = toBlock; to >= fromBlock; to -= blocks, blocks = Math.min(blocks * 10, 100_000)) {
    yield { fromBlock: Math.max(fromBlock, to - blocks + 1), toBlock: to };
  }
}

async function searchWindow(
  { lockId, signatureHash }: RevocationIdentity,
  window: BlockRange,
  reading: Reading,
): Promise<StampedLog | null> {
  const topics = [revocationTopic, wordOf(BigInt(lockId)), signatureHash];
  const first = await readRangeLogs(window, reading, { topics });
  const found = newest(first.logs);
  if (found !== null || first.endpoints.size >= reading.pool.size) return found;
  const second = await readRangeLogs(window, reading, { topics, except: [...first.endpoints] });
  return newest(second.logs);
}

function newest(logs: readonly StampedLog[]): StampedLog | null {
  return logs.findLast(({ removed }) => !removed) ?? null;
}

function wordOf(value: bigint): Hash32 {
  return hash32.parse(`0x${value.toString(16).padStart(64, '0')}`);
}
