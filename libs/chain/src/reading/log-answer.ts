import { contains, type Address, type BlockRange, type Hash32 } from '@hybrid-sync/domain';
import type { StampedLog } from './wire.js';

/** Which logs were asked for. */
export interface LogQuery {
  readonly blocks:
    | { readonly kind: 'block'; readonly blockHash: Hash32; readonly blockNumber: number }
    | { readonly kind: 'range'; readonly range: BlockRange };
  /** The first of them, or all; lower case. */
  readonly topics: readonly string[];
}

/** The first reason not to believe the answer; null where there is none. The logs come in the order of the chain. */
export function distrustLogs(logs: readonly StampedLog[], query: LogQuery, contract: Address): string | null {
  const hashes = new Map<number, Hash32>();
  let before: StampedLog | null = null;
  for (const log of logs) {
    const known = hashes.get(log.blockNumber) ?? log.blockHash;
    const reason = distrustLog(log, query, contract) ?? (before === null ? null : distrustOrder(before, log));
    if (reason !== null) return reason;
    if (known !== log.blockHash) return 'two logs name different hashes for one block';
    hashes.set(log.blockNumber, log.blockHash);
    before = log;
  }
  return null;
}

/** By block and place in it, whatever the order of the answer. */
export function inChainOrder(logs: readonly StampedLog[]): readonly StampedLog[] {
  return logs.toSorted((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
}

function distrustLog(log: StampedLog, { blocks, topics }: LogQuery, contract: Address): string | null {
  if (!wasAskedFor(log, blocks)) return 'a log lies outside the blocks asked for';
  if (log.address.toLowerCase() !== contract) return 'a log is from another contract';
  return topics.every((topic, at) => log.topics[at]?.toLowerCase() === topic) ? null : 'a log is of another event';
}

/** Of two logs in a row. */
function distrustOrder(before: StampedLog, log: StampedLog): string | null {
  if (before.blockNumber !== log.blockNumber || before.blockHash !== log.blockHash) return null;
  if (before.logIndex === log.logIndex) return 'a log comes twice';
  const sameTransaction = before.transactionIndex === log.transactionIndex;
  if (before.transactionIndex > log.transactionIndex) return 'the logs are not in the order of their transactions';
  if (sameTransaction !== (before.transactionHash === log.transactionHash)) return 'two logs disagree on a transaction';
  return null;
}

function wasAskedFor(log: StampedLog, blocks: LogQuery['blocks']): boolean {
  return blocks.kind === 'range'
    ? contains(blocks.range, log.blockNumber)
    : log.blockHash === blocks.blockHash && log.blockNumber === blocks.blockNumber;
}
