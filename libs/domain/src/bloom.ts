import { keccak_256 } from '@noble/hashes/sha3.js';
import { hexToBytes } from '@noble/hashes/utils.js';

/**
 * Whether a block with this logs bloom (0x and 512 hex digits) may hold a log with all of these parts (address and
 * topics, as 0x hex). False is certain, true is not: yellow paper, section 4.4.3.
 */
export function bloomMayContain(bloom: string, parts: readonly string[]): boolean {
  return bloomHasBits(bloom, bloomBitsOf(parts));
}

/** The bits that these parts set. Asked of many blooms, they are made once. */
export function bloomBitsOf(parts: readonly string[]): readonly number[] {
  return parts.flatMap(bitsOfPart);
}

export function bloomHasBits(bloom: string, bits: readonly number[]): boolean {
  return bits.every((bit) => hasBit(bloom, bit));
}

/** Three bits, each named by the low 11 bits of a 16-bit word of the part's hash. */
function bitsOfPart(part: string): readonly number[] {
  const hash = keccak_256(hexToBytes(part.slice(2)));
  return [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047);
}

/** Bit 0 is the lowest bit of the last digit. */
function hasBit(bloom: string, bit: number): boolean {
  return ((parseInt(bloom.charAt(bloom.length - 1 - (bit >> 2)), 16) >> (bit & 3)) & 1) === 1;
}
