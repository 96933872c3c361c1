import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maxSignatureBytes, readSignature, signatureHashOf } from './signature-hash.js';
import { anyHash } from './testing/arbitraries.js';

const signature = `0x${'ab'.repeat(65)}`;

describe('signature hash', () => {
  it.each([
    ['hello', '0x1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8'],
    ['Schlüssel 🔑', '0xb8988cc9bdd655b8a7c6928e8f5896f7a5978b28e75176018ad1a4cb2a2ccd9f'],
    ['0xAB', '0xd5c8eaff644520512b21956484f75fdcf2bd309a317907705a6216d1891be4ba'],
    ['0xab', '0xc57cef04f458e1908c7b3f04c8e9ff6c0804558d0da3150cb48851fd32444ed4'],
  ])('is keccak256 of the UTF-8 bytes of %p, as ethers computes it', (text, hash) => {
    expect(signatureHashOf(text)).toBe(hash);
  });
});

describe('reading a signature', () => {
  it('takes a hash of any case for the hash itself', () => {
    fc.assert(
      fc.property(anyHash, (hash) => {
        expect(readSignature(hash)).toEqual({ kind: 'hashes', hashes: [hash] });
        expect(readSignature(`0x${hash.slice(2).toUpperCase()}`)).toEqual({ kind: 'hashes', hashes: [hash] });
      }),
    );
  });

  it('reads a signature in hex as text and as bytes', () => {
    expect(readSignature(signature)).toEqual({
      kind: 'hashes',
      hashes: [
        '0x08207bd92786697f8bed5caf78eda4d3b78fbc3326eb624744b966e7f94f5f59',
        '0x1090dbec48f7f57f241cd63982ccab202c65844d3a54ee797b1a6de433635179',
      ],
    });
  });

  it('reads hex without a prefix as bytes as well', () => {
    const bare = signature.slice(2);
    const bytes = '0x1090dbec48f7f57f241cd63982ccab202c65844d3a54ee797b1a6de433635179';
    expect(readSignature(bare)).toEqual({ kind: 'hashes', hashes: [signatureHashOf(bare), bytes] });
  });

  it('tells signatures apart by case, as the contract does', () => {
    const [text, upper] = [signature, `0x${signature.slice(2).toUpperCase()}`].map(readSignature);
    expect(text).not.toEqual(upper);
  });

  it.each(['sig-1', 'beef', 'Schlüssel 🔑', ' blank ', "' OR 1=1--", 'x'.repeat(maxSignatureBytes)])(
    'hashes %p as text',
    (text) => {
      expect(readSignature(text)).toEqual({ kind: 'hashes', hashes: [signatureHashOf(text)] });
    },
  );

  it.each([
    ['nothing', ''],
    ['a bare prefix', '0x'],
    ['an upper-case prefix', `0X${'a'.repeat(64)}`],
    ['a hash without its prefix', 'a'.repeat(64)],
    ['63 digits', `0x${'a'.repeat(63)}`],
    ['65 digits', `0x${'a'.repeat(65)}`],
    ['63 digits without a prefix', 'a'.repeat(63)],
    ['65 digits without a prefix', 'a'.repeat(65)],
    ['a digit that is not hex', `0x${'a'.repeat(63)}g`],
    ['127 digits', `0x${'a'.repeat(127)}`],
    ['126 digits', `0x${'a'.repeat(126)}`],
    ['an odd number of digits', `0x${'a'.repeat(131)}`],
    ['an odd number of digits without a prefix', 'a'.repeat(131)],
    ['a control character', 'sig\u0007'],
    ['a zero byte', 'sig\u0000'],
    ['a line feed behind a hash', `0x${'a'.repeat(64)}\n`],
    ['a delete character', 'sig\u007f'],
    ['a lone surrogate', 'sig\ud800'],
    ['more than 4096 bytes', 'x'.repeat(maxSignatureBytes + 1)],
    ['more than 4096 bytes in fewer characters', 'ü'.repeat(maxSignatureBytes / 2 + 1)],
  ])('refuses %s', (_, text) => {
    expect(readSignature(text)).toEqual({ kind: 'malformed', reason: expect.any(String) });
  });

  it('takes hex for a signature from 128 digits on', () => {
    expect(readSignature(`0x${'a'.repeat(128)}`)).toMatchObject({ hashes: { length: 2 } });
  });

  it('never takes a hash that lost or gained digits for a signature', () => {
    const length = fc.integer({ min: 0, max: 127 }).filter((digits) => digits !== 64);
    fc.assert(
      fc.property(length, anyHash, fc.boolean(), (digits, hash, prefixed) => {
        fc.pre(prefixed || digits >= 32);
        const hex = (hash.slice(2) + hash.slice(2)).slice(0, digits);
        expect(readSignature(prefixed ? `0x${hex}` : hex).kind).toBe('malformed');
      }),
    );
  });

  it('answers any text at all without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const reading = readSignature(text);
        expect(['hashes', 'malformed']).toContain(reading.kind);
      }),
    );
  });
});
