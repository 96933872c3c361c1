import { createHash } from 'node:crypto';
import { RLP } from '@ethereumjs/rlp';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

export interface SyntheticSize {
  readonly blocks: number;
  readonly eventsPerBlock: number;
}

/** One revocation, as 32-byte words in hex. Revocations are numbered from 0 in the order of the chain. */
export interface SyntheticLog {
  readonly lock: string;
  readonly signatureHash: string;
  readonly logIndex: number;
}

/** What of a header is not the same in every block; hex. */
export interface SyntheticHeader {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly receiptsRoot: string;
  readonly logsBloom: string;
  readonly timestamp: number;
  readonly transactionHash: string;
}

export const syntheticContract = `0x${'c0'.repeat(20)}`;
export const revokedTopic = '0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354';
export const ownerTopic = `0x${'0'.repeat(24)}${'0a'.repeat(20)}`;
export const zeroWord = `0x${'0'.repeat(64)}`;
export const gasUsed = 30_000_000;

const perLock = 1_000;
const firstTimestamp = 1_700_000_000;
const secondsPerBlock = 12;

/**
 * Blocks whose hashes, blooms and receipts roots are what a real node would have computed; number 0 is the genesis and
 * holds nothing. One transaction per block emits all of its logs.
 */
export function syntheticHeaders(size: SyntheticSize): readonly SyntheticHeader[] {
  const headers: SyntheticHeader[] = [];
  let parentHash = zeroWord;
  for (let number = 0; number <= size.blocks; number++) {
    const header = headerOf(number, parentHash, size);
    headers.push(header);
    parentHash = header.hash;
  }
  return headers;
}

export function logsOfBlock(number: number, { eventsPerBlock }: SyntheticSize): readonly SyntheticLog[] {
  if (number === 0) return [];
  const first = (number - 1) * eventsPerBlock;
  return Array.from({ length: eventsPerBlock }, (_, logIndex) => ({
    lock: word(Math.floor((first + logIndex) / perLock) + 1),
    signatureHash: signatureHashOf(first + logIndex),
    logIndex,
  }));
}

/** How many revocations of a lock there are up to and with a block. */
export function countOf(lock: number, block: number, { eventsPerBlock }: SyntheticSize): number {
  if (lock < 1) return 0;
  return Math.max(0, Math.min(perLock, block * eventsPerBlock - (lock - 1) * perLock));
}

export function isRevoked(lock: number, signatureHash: string, revocations: number): boolean {
  const first = (lock - 1) * perLock;
  return Array.from({ length: revocations }, (_, index) => signatureHashOf(first + index)).includes(signatureHash);
}

export function word(value: number): string {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

function signatureHashOf(revocation: number): string {
  return `0x${createHash('sha256').update(String(revocation)).digest('hex')}`;
}

function headerOf(number: number, parentHash: string, size: SyntheticSize): SyntheticHeader {
  const logs = logsOfBlock(number, size);
  const bloom = bloomOf(logs);
  const timestamp = firstTimestamp + number * secondsPerBlock;
  const receiptsRoot = logs.length === 0 ? emptyRoot : rootOfOne(receiptOf(logs, bloom));
  const [none, word, address] = [new Uint8Array(), bytes(zeroWord), new Uint8Array(20)];
  const fields = [bytes(parentHash), word, address, word, word, bytes(receiptsRoot), bloom, none];
  const numbers = [number, gasUsed, gasUsed, timestamp];
  const hash = hex(keccak_256(RLP.encode([...fields, ...numbers, none, word, new Uint8Array(8), 7])));
  const transactionHash = hex(keccak_256(bytes(hash)));
  return { number, hash, parentHash, receiptsRoot, logsBloom: hex(bloom), timestamp, transactionHash };
}

/** A receipt of type 2 as it stands in the trie (EIP-2718). */
function receiptOf(logs: readonly SyntheticLog[], bloom: Uint8Array): Uint8Array {
  const encoded = logs.map(({ lock, signatureHash }) => [
    bytes(syntheticContract),
    [revokedTopic, lock, signatureHash, ownerTopic].map(bytes),
    new Uint8Array(),
  ]);
  return Uint8Array.from([2, ...RLP.encode([1, gasUsed, bloom, encoded])]);
}

/** The trie of one receipt is one leaf: its key is the encoded index 0, 0x80, behind the prefix for an even leaf. */
function rootOfOne(receipt: Uint8Array): string {
  return hex(keccak_256(RLP.encode([Uint8Array.from([0x20, 0x80]), receipt])));
}

const emptyRoot = hex(keccak_256(RLP.encode(new Uint8Array())));

/** Yellow paper, section 4.4.3. Parts that every block has are hashed once. */
function bloomOf(logs: readonly SyntheticLog[]): Uint8Array {
  const bloom = new Uint8Array(256);
  const locks = new Set(logs.map(({ lock }) => lock));
  const same = logs.length === 0 ? [] : [syntheticContract, revokedTopic, ownerTopic, ...locks];
  for (const part of [...same, ...logs.map(({ signatureHash }) => signatureHash)]) {
    const hash = keccak_256(bytes(part));
    for (const at of [0, 2, 4]) {
      const bit = (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047;
      const index = 255 - (bit >> 3);
      bloom[index] = (bloom[index] ?? 0) | (1 << (bit & 7));
    }
  }
  return bloom;
}

function bytes(text: string): Uint8Array {
  return hexToBytes(text.slice(2));
}

function hex(value: Uint8Array): string {
  return `0x${bytesToHex(value)}`;
}
