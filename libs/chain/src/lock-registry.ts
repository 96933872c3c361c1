import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Hash32 } from '@hybrid-sync/domain';

/** The views of the lock registry that are called. Every argument is one word of 32 bytes. */
const views = {
  revokedSignatures: 'revokedSignatures(uint256,bytes32)',
  getRevokedSignatureCount: 'getRevokedSignatureCount(uint256)',
} as const;

export type RegistryView = keyof typeof views;

/** First topic of every log that is asked for. */
export const revocationTopic = keccakOf('SignatureRevoked(uint256,bytes32,address)');

/** The data of an eth_call. */
export function encodeView(view: RegistryView, args: readonly (bigint | Hash32)[]): string {
  return `${keccakOf(views[view]).slice(0, 10)}${args.map(wordOf).join('')}`;
}

function wordOf(arg: bigint | Hash32): string {
  return typeof arg === 'bigint' ? arg.toString(16).padStart(64, '0') : arg.slice(2);
}

function keccakOf(signature: string): string {
  return `0x${bytesToHex(keccak_256(utf8ToBytes(signature)))}`;
}
