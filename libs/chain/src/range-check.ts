import { bloomHasBits } from '@hybrid-sync/domain';
import type { ChainBlock, StampedLog } from './wire.js';

type Headers = ReadonlyMap<number, ChainBlock>;

/** Why these logs cannot stand in the blocks with these headers; null where they can. */
export function contradiction(
  logs: readonly StampedLog[],
  headers: Headers,
  eventBits: readonly number[],
): string | null {
  for (const { blockNumber, blockHash } of logs) {
    const header = headers.get(blockNumber);
    if (header?.hash !== blockHash) return 'a log is from another block than the header';
    if (!bloomHasBits(header.logsBloom, eventBits)) return 'the bloom filter of a block excludes its log';
  }
  return null;
}

/** Blocks whose header allows the event, and of which there is no log that stands. */
export function suspiciousBlocks(
  logs: readonly StampedLog[],
  headers: Headers,
  eventBits: readonly number[],
): readonly number[] {
  const holding = new Set(logs.filter(({ removed }) => !removed).map(({ blockNumber }) => blockNumber));
  const allowed = [...headers.values()].filter(({ logsBloom }) => bloomHasBits(logsBloom, eventBits));
  return allowed.map(({ number }) => number).filter((number) => !holding.has(number));
}

/** Blocks of which two answers hold different logs. */
export function differingBlocks(one: readonly StampedLog[], other: readonly StampedLog[]): readonly number[] {
  const [ours, theirs] = [contentsOf(one), contentsOf(other)];
  const lacking = (logs: readonly StampedLog[], contents: ReadonlySet<string>): readonly number[] =>
    logs.filter((log) => !contents.has(contentOf(log))).map(({ blockNumber }) => blockNumber);
  return [...new Set([...lacking(one, theirs), ...lacking(other, ours)])];
}

/** Every log of several answers, once. */
export function unionOf(logs: readonly StampedLog[]): readonly StampedLog[] {
  return [...new Map(logs.map((log) => [contentOf(log), log])).values()];
}

function contentsOf(logs: readonly StampedLog[]): ReadonlySet<string> {
  return new Set(logs.map(contentOf));
}

/** Everything that a record says about a log. */
function contentOf(log: StampedLog): string {
  const { blockHash, logIndex, transactionHash, transactionIndex, topics, data, removed } = log;
  const position = [blockHash, logIndex, transactionHash, transactionIndex, removed];
  return [...position, data, ...topics].join(' ').toLowerCase();
}
