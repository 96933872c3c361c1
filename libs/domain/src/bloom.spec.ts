import { describe, expect, it } from '@jest/globals';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { bloomMayContain } from './bloom.js';
import { signatureRevokedTopic } from './revocation-log.js';
import { addressOf, anyHash, encodeUtf8 } from './testing/arbitraries.js';

const contract = addressOf(0xc0ffee);

describe('logs bloom', () => {
  it('is built by the test as go-ethereum builds it', () => {
    const parts = Array.from({ length: 100 }, (_, index) => encodeUtf8(`xxxxxxxxxx data ${index} yyyyyyyyyyyyyy`));
    const bloom = bloomOf(parts);
    const digest = keccak_256(Buffer.from(bloom.slice(2), 'hex'));
    expect(Buffer.from(digest).toString('hex')).toBe(goEthereumBloomDigest);
  });

  it('may contain every part that was put in, alone and together', () => {
    fc.assert(
      fc.property(fc.array(anyHash, { minLength: 1, maxLength: 30 }), (topics) => {
        const parts = [contract, ...topics];
        const bloom = bloomOf(parts.map(bytesOf));
        expect(bloomMayContain(bloom, parts)).toBe(true);
      }),
    );
  });

  it('rules a part out as soon as one of its bits is missing, though all others are set', () => {
    fc.assert(
      fc.property(anyHash, fc.nat({ max: 2047 }), (asked, missing) => {
        const bits = bitsOf(bytesOf(asked));
        for (const bit of [...setBitsOf(bits), missing]) {
          const bloom = allBits ^ (1n << BigInt(bit));
          expect(bloomMayContain(`0x${bloom.toString(16).padStart(512, '0')}`, [asked])).toBe((bloom & bits) === bits);
        }
      }),
    );
  });

  it('rules the event out where one of its parts is missing', () => {
    const bloom = bloomOf([bytesOf(contract)]);
    expect(bloomMayContain(bloom, [contract])).toBe(true);
    expect(bloomMayContain(bloom, [contract, signatureRevokedTopic])).toBe(false);
  });

  it('rules everything out where it is empty or missing', () => {
    expect(bloomMayContain(`0x${'0'.repeat(512)}`, [contract])).toBe(false);
    expect(bloomMayContain('0x', [contract])).toBe(false);
  });
});

/** The digest that TestBloomExtensively of go-ethereum's core/types/bloom9_test.go expects. */
const goEthereumBloomDigest = 'c8d3ca65cdb4874300a9e39475508f23ed6da09fdbc487f89a2dcf50b09eb263';

function bloomOf(parts: readonly Uint8Array[]): string {
  const bloom = parts.reduce((bits, part) => bits | bitsOf(part), 0n);
  return `0x${bloom.toString(16).padStart(512, '0')}`;
}

/** Three bits of a 2048-bit number: the first three pairs of bytes of the hash, each modulo 2048. */
function bitsOf(part: Uint8Array): bigint {
  const digest = Buffer.from(keccak_256(part));
  return [0, 2, 4].reduce((bits, at) => bits | (1n << BigInt(digest.readUInt16BE(at) % 2048)), 0n);
}

const allBits = 2n ** 2048n - 1n;

function setBitsOf(bits: bigint): readonly number[] {
  return Array.from({ length: 2048 }, (_, bit) => bit).filter((bit) => ((bits >> BigInt(bit)) & 1n) === 1n);
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex');
}
