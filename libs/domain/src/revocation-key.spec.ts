import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRevocationKey, revocationKey } from './revocation-key.js';
import { anyIdentity, hashOf, lockIdOf } from './testing/arbitraries.js';

const hash = hashOf(0xabc);

describe('revocation key', () => {
  it('is the decimal lock id, a dash and the lower-case hash', () => {
    expect(revocationKey({ lockId: lockIdOf(12345), signatureHash: hash })).toBe(
      '12345-0x0000000000000000000000000000000000000000000000000000000000000abc',
    );
  });

  it('is read back as what it was written from', () => {
    fc.assert(
      fc.property(anyIdentity, (identity) => {
        expect(parseRevocationKey(revocationKey(identity))).toEqual(identity);
      }),
    );
  });

  it.each([
    '',
    '-',
    hash,
    `-${hash}`,
    `12345${hash}`,
    `012345-${hash}`,
    `12345-${hash.toUpperCase()}`,
    `12345-${hash.slice(2)}`,
    `12345--${hash}`,
    `12345-${hash}-`,
    `12345-${hash}\n`,
    `\ufeff12345-${hash}`,
    `0x7-${hash}`,
    `-7-${hash}`,
  ])('refuses %p', (key) => {
    expect(parseRevocationKey(key)).toBeNull();
  });

  it('is the only text that is read as its identity', () => {
    const nearKeys = fc.stringMatching(/^[0-9]{0,3}-?0?x?[0-9a-fA-F]{62,66}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearKeys), (text) => {
        const identity = parseRevocationKey(text);
        if (identity !== null) expect(revocationKey(identity)).toBe(text);
      }),
    );
  });
});
