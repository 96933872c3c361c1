import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { address, canonicalAddress, canonicalHash32, hash32 } from './hex.js';
import { anyHash } from './testing/arbitraries.js';

const digits = 'abcdef0123456789'.repeat(4);

describe('32-byte hash', () => {
  it('takes any case and gives lower case', () => {
    expect(hash32.parse(`0x${digits.toUpperCase()}`)).toBe(`0x${digits}`);
    fc.assert(
      fc.property(anyHash, (hash) => {
        expect(hash32.parse(`0x${hash.slice(2).toUpperCase()}`)).toBe(hash);
      }),
    );
  });

  it('takes all zeros and all f', () => {
    expect(hash32.safeParse(`0x${'0'.repeat(64)}`).success).toBe(true);
    expect(hash32.safeParse(`0x${'f'.repeat(64)}`).success).toBe(true);
  });

  it.each([
    ['an upper-case prefix', `0X${digits}`],
    ['no prefix', digits],
    ['63 digits', `0x${digits.slice(1)}`],
    ['65 digits', `0x${digits}0`],
    ['a digit that is not hex', `0x${digits.slice(1)}g`],
    ['a line feed behind', `0x${digits}\n`],
    ['a blank before', ` 0x${digits}`],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(hash32.safeParse(text).success).toBe(false);
  });

  it('has one spelling on a topic', () => {
    expect(canonicalHash32.safeParse(`0x${digits}`).success).toBe(true);
    expect(canonicalHash32.safeParse(`0x${digits.toUpperCase()}`).success).toBe(false);
  });
});

describe('address', () => {
  const text = `0x${digits.slice(0, 40)}`;

  it('takes any case, a checksum included, and gives lower case', () => {
    expect(address.parse('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')).toBe(
      '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed',
    );
  });

  it.each([digits.slice(0, 40), `${text}0`, text.slice(0, -1), text.toUpperCase()])('refuses %s', (wrong) => {
    expect(address.safeParse(wrong).success).toBe(false);
  });

  it('has one spelling on a topic', () => {
    expect(canonicalAddress.safeParse(text).success).toBe(true);
    expect(canonicalAddress.safeParse(`0x${text.slice(2).toUpperCase()}`).success).toBe(false);
  });
});
