import { createMPT } from '@ethereumjs/mpt';
import { concat, encodeRlp, getBytes, hexlify, keccak256, toBeArray } from 'ethers';
import type { ChainBlock } from '../reading/wire.js';
import { hashOf } from '../../../domain/src/testing/arbitraries.js';
import { hash32, type Hash32 } from '@hybrid-sync/domain';
import { blockHashOf, timeOf } from './wire-shapes.js';

export interface WrittenLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** A transaction's outcome before it has a place in a block. */
export interface Outcome {
  readonly type: number;
  /** 0 or 1, or a state root as before Byzantium. */
  readonly status: number | string;
  readonly gasUsed: number;
  readonly logs: readonly WrittenLog[];
}

export interface WrittenBlock {
  readonly header: ChainBlock;
  /** As eth_getBlockReceipts gives them. */
  readonly receipts: readonly WireReceipt[];
}

export type WireReceipt = Readonly<Record<string, unknown>> & {
  readonly logs: readonly Readonly<Record<string, unknown>>[];
};

/** A block with these transactions; its root is made by other code than the one under test. */
export async function writeBlock(
  number: number,
  outcomes: readonly Outcome[],
  bloomOf: (logs: readonly WrittenLog[]) => string = logsBloomOf,
): Promise<WrittenBlock> {
  const trie = await createMPT();
  let gas = 0;
  let firstLog = 0;
  const receipts: WireReceipt[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    gas += outcome.gasUsed;
    await trie.put(getBytes(encodeRlp(toBeArray(index))), getBytes(encoded(outcome, gas, bloomOf(outcome.logs))));
    receipts.push(wireReceipt(outcome, { number, index, gas, firstLog, bloom: bloomOf(outcome.logs) }));
    firstLog += outcome.logs.length;
  }
  const [hash, parentHash] = [blockHashOf(number), blockHashOf(number - 1)];
  const receiptsRoot = hash32.parse(hexlify(trie.root()));
  const logsBloom = bloomOf(outcomes.flatMap(({ logs }) => logs));
  return { header: { number, hash, parentHash, timestamp: timeOf(number), logsBloom, receiptsRoot }, receipts };
}

function encoded({ type, status, logs }: Outcome, gas: number, bloom: string): string {
  const written = logs.map(({ address, topics, data }) => [address, [...topics], data]);
  const outcome = typeof status === 'string' ? status : hexlify(toBeArray(status));
  const payload = encodeRlp([outcome, hexlify(toBeArray(gas)), bloom, written]);
  return type === 0 ? payload : concat([Uint8Array.of(type), payload]);
}

interface Place {
  readonly number: number;
  readonly index: number;
  readonly gas: number;
  readonly firstLog: number;
  readonly bloom: string;
}

function wireReceipt({ type, status, logs }: Outcome, { number, index, gas, firstLog, bloom }: Place): WireReceipt {
  const place = {
    blockHash: blockHashOf(number),
    blockNumber: hex(number),
    transactionHash: transactionHashOf(number, index),
    transactionIndex: hex(index),
  };
  return {
    ...place,
    ...(typeof status === 'string' ? { root: status } : { status: hex(status) }),
    type: hex(type),
    cumulativeGasUsed: hex(gas),
    logsBloom: bloom,
    logs: logs.map((log, at) => ({ ...log, ...place, logIndex: hex(firstLog + at), removed: false })),
  };
}

export function transactionHashOf(block: number, index: number): Hash32 {
  return hashOf(block * 100_000 + index + 1);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** Yellow paper, section 4.4.3. */
function logsBloomOf(logs: readonly WrittenLog[]): string {
  let bloom = 0n;
  for (const part of logs.flatMap(({ address, topics }) => [address, ...topics])) {
    const digest = getBytes(keccak256(part));
    for (const at of [0, 2, 4]) bloom |= 1n << BigInt((((digest[at] ?? 0) << 8) | (digest[at + 1] ?? 0)) % 2048);
  }
  return `0x${bloom.toString(16).padStart(512, '0')}`;
}
