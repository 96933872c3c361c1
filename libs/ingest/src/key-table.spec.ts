import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintOf, KeyTable } from './key-table.js';

/** Few keys, so that they come again. */
const anyWrite = fc.record({
  key: fc.nat({ max: 300 }).map(String),
  number: fc.option(fc.nat({ max: 2 ** 32 - 1 })),
});

describe('numbers by key', () => {
  it('are kept as a map would keep them, however often keys come and go and the table grows', () => {
    fc.assert(
      fc.property(fc.array(anyWrite, { maxLength: 2_000, size: 'max' }), (writes) => {
        const table = new KeyTable(1);
        const expected = new Map<string, number>();
        for (const { key, number } of writes) {
          const fingerprint = fingerprintOf(key);
          const wasThere = expected.has(fingerprint);
          if (number === null) expected.delete(fingerprint);
          else expected.set(fingerprint, number);
          const answer = number === null ? table.delete(fingerprint) : !table.set(fingerprint, number);
          if (answer !== wasThere) return false;
        }
        expect(contentOf(table)).toEqual(expected);
        return true;
      }),
      { numRuns: 30 },
    );
  });

  it('are found by the first of them', () => {
    const table = new KeyTable(2);
    for (let n = 0; n < 1_000; n += 1) table.set(fingerprintOf(String(n)), n, 2 ** 32 - 1 - n);
    const found = table.within(10, 12).toSorted((one, other) => (one.numbers[0] ?? 0) - (other.numbers[0] ?? 0));
    expect(found).toEqual(
      [10, 11, 12].map((n) => ({ fingerprint: fingerprintOf(String(n)), numbers: [n, 2 ** 32 - 1 - n] })),
    );
  });

  it('take at most 40 bytes for a key with three of them', () => {
    const table = new KeyTable(3);
    for (let n = 0; n < 200_000; n += 1) table.set(fingerprintOf(String(n)), n, n, n);
    expect(table.bytes / 200_000).toBeLessThanOrEqual(40);
  });
});

function contentOf(table: KeyTable): ReadonlyMap<string, number> {
  return new Map(table.within(0, 2 ** 32 - 1).map(({ fingerprint, numbers: [number = -1] }) => [fingerprint, number]));
}
