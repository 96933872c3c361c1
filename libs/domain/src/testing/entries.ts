import fc from 'fast-check';
import type { SignatureEntry } from '../signature-entry.js';
import { readSignature } from '../signature-hash.js';
import { addressOf, anyCount, anyHash, anySeconds, anyUint256, hashOf, lockIdOf } from './arbitraries.js';

/** An entry of which everything is known. */
export function signatureEntry(fields: Partial<SignatureEntry> = {}): SignatureEntry {
  return {
    entryId: '0f5f3f6e-8a53-4d2c-9d3b-0c8b7a6e5d41',
    lockId: lockIdOf(12345),
    signature: 'a signature',
    publicKey: '0x04ab',
    owner: addressOf(0xdef),
    message: 'open the door',
    transactionHash: hashOf(0x7a),
    blockNumber: 1000,
    timestamp: 1_700_000_000_123,
    metadata: { door: 7, note: null },
    ...fields,
  };
}

const anyText = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
const anyJson = fc
  .object({ values: [anyText, fc.boolean(), fc.integer(), fc.constant(null)], key: anyText, maxDepth: 5 })
  .filter((value) => !JSON.stringify(value).includes('__proto__'))
  .map((value) => ({ ...value }));

export const anyEntry: fc.Arbitrary<SignatureEntry> = fc.record({
  entryId: fc.uuid(),
  lockId: anyUint256.map(lockIdOf),
  signature: fc.oneof(
    anyText.filter((text) => readSignature(text).kind === 'hashes'),
    anyHash,
  ),
  publicKey: fc.option(anyText),
  owner: fc.option(fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }).map(addressOf)),
  message: fc.option(anyText),
  transactionHash: fc.option(anyHash),
  blockNumber: fc.option(anyCount),
  timestamp: anySeconds.map((seconds) => seconds * 1000 + 7),
  metadata: anyJson,
});
