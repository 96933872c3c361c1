import { contains, type Address, type BlockRange, type Hash32 } from '@hybrid-sync/domain';
import { revocationTopic } from './lock-registry.js';
import type { StampedLog } from './wire.js';

/** Which logs were asked for. */
export type LogQuery =
  | { readonly kind: 'block'; readonly blockHash: Hash32; readonly blockNumber: number }
  | { readonly kind: 'range'; readonly range: BlockRange };

/** The first reason not to believe the answer; null where there is none. */
export function distrustLogs(logs: readonly StampedLog[], query: LogQuery, contract: Address): string | null {
  const hashes = new Map<number, Hash32>();
  const seen = new Set<string>();
  for (const log of logs) {
    const identity = `${log.blockHash}:${log.logIndex}`;
    const known = hashes.get(log.blockNumber) ?? log.blockHash;
    if (!wasAskedFor(log, query)) return 'a log lies outside the blocks asked for';
    if (log.address.toLowerCase() !== contract) return 'a log is from another contract';
    if (log.topics[0]?.toLowerCase() !== revocationTopic) return 'a log is of another event';
    if (known !== log.blockHash) return 'two logs name different hashes for one block';
    if (seen.has(identity)) return 'a log comes twice';
    hashes.set(log.blockNumber, log.blockHash);
    seen.add(identity);
  }
  return null;
}

/** By block and place in it, whatever the order of the answer. */
export function inChainOrder(logs: readonly StampedLog[]): readonly StampedLog[] {
  return logs.toSorted((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
}

function wasAskedFor(log: StampedLog, query: LogQuery): boolean {
  return query.kind === 'range'
    ? contains(query.range, log.blockNumber)
    : log.blockHash === query.blockHash && log.blockNumber === query.blockNumber;
}
