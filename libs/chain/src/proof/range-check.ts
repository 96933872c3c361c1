import { bloomBitsOf, bloomHasBits } from '@hybrid-sync/domain';
import type { ChainBlock, StampedLog } from '../reading/wire.js';

type Headers = ReadonlyMap<number, ChainBlock>;

/**
 * Why these logs cannot stand in the blocks with these headers; null where they can. The bloom filter is asked for every
 * topic: a log that was made up has a signature that hardly any block allows.
 */
export function contradiction(logs: readonly StampedLog[], headers: Headers): string | null {
  const bits = new Map<string, readonly number[]>();
  for (const { blockNumber, blockHash, address, topics } of logs) {
    const header = headers.get(blockNumber);
    if (header?.hash !== blockHash) return 'a log is from another block than the header';
    for (const part of [address, ...topics]) {
      if (!wholeBytes.test(part)) return 'a log is not made of bytes';
      const known = bits.get(part) ?? bloomBitsOf([part]);
      bits.set(part, known);
      if (!bloomHasBits(header.logsBloom, known)) return 'the bloom filter of a block excludes its log';
    }
  }
  return null;
}

const wholeBytes = /^0x([0-9a-fA-F]{2})*$/;

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
