import type { RevocationLog } from '@hybrid-sync/domain';
import { addressOf, hashOf, revocationLog } from '../../../domain/src/testing/arbitraries.js';

export const contract = addressOf(0xc0ffee);
/** A bloom filter that excludes nothing. */
export const fullBloom = `0x${'f'.repeat(512)}`;
export const emptyBloom = `0x${'0'.repeat(512)}`;

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** The hash of a block of the plain chain. */
export function blockHashOf(number: number): ReturnType<typeof hashOf> {
  return hashOf(0xb10c0000 + number);
}

/** A block as an endpoint gives it. */
export function wireBlock(number: number, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    number: hex(number),
    hash: blockHashOf(number),
    parentHash: blockHashOf(number - 1),
    timestamp: hex(timeOf(number)),
    logsBloom: fullBloom,
    receiptsRoot: hashOf(0),
    ...fields,
  };
}

export function timeOf(block: number): number {
  return 1_700_000_000 + block * 12;
}

/** A log of the plain chain, as it should be read. */
export function logIn(blockNumber: number, logIndex = 0): RevocationLog {
  const position = { blockNumber, blockHash: blockHashOf(blockNumber), blockTimestamp: timeOf(blockNumber), logIndex };
  return revocationLog({ ...position, signatureHash: hashOf(blockNumber * 1000 + logIndex) });
}

/** A log as an endpoint gives it. */
export function wireLog(log: RevocationLog, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    address: contract,
    topics: log.topics,
    data: log.data,
    blockNumber: hex(log.blockNumber),
    blockHash: log.blockHash,
    blockTimestamp: hex(log.blockTimestamp),
    transactionHash: log.transactionHash,
    transactionIndex: hex(log.transactionIndex),
    logIndex: hex(log.logIndex),
    removed: false,
    ...fields,
  };
}
