import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { decodeUtf8, describeProblems, parseJson } from './json.js';
import { anyBytes, encodeUtf8 } from './testing/arbitraries.js';

describe('decoding UTF-8', () => {
  it('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeUtf8(encodeUtf8(text))).toBe(text);
      }),
    );
  });

  it('replaces nothing: bytes that are not UTF-8 give null', () => {
    expect(decodeUtf8(Uint8Array.of(0x37, 0xff))).toBeNull();
    expect(decodeUtf8(Uint8Array.of(0xc0, 0x80))).toBeNull();
  });

  it('keeps a byte order mark', () => {
    expect(decodeUtf8(encodeUtf8('\ufeff7'))).toBe('\ufeff7');
  });
});

describe('parsing JSON', () => {
  it('gives undefined for anything else, without throwing', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(() => parseJson(bytes)).not.toThrow();
      }),
    );
    for (const text of ['', '{', '{"a":1,}', 'NaN', '\ufeff{}', '// no', '['.repeat(1_000_000)]) {
      expect(parseJson(encodeUtf8(text))).toBeUndefined();
    }
  });
});

describe('describing problems', () => {
  const schema = z.strictObject({ lockId: z.string(), count: z.int() });
  const describeAll = (value: unknown) => {
    const { error } = schema.safeParse(value);
    return error === undefined ? null : describeProblems(error);
  };

  it('names every field that is wrong, and not its value', () => {
    const text = describeAll({ lockId: 7, count: 'secret' });
    expect(text).toMatch(/^lockId: .+; count: .+$/);
    expect(text).not.toContain('secret');
  });

  it('says so where the value as a whole is wrong', () => {
    expect(describeAll(null)).toMatch(/^value: /);
  });

  it('is short and printable whatever names a stranger chose', () => {
    const anyName = fc.string({ unit: 'binary', minLength: 1, maxLength: 2000 });
    fc.assert(
      fc.property(fc.uniqueArray(anyName, { minLength: 1, maxLength: 5 }), (names) => {
        const text = describeAll(Object.fromEntries(names.map((name) => [name, 1]))) ?? '';
        expect(text.length).toBeLessThanOrEqual(500);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
