import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashOf } from '../../domain/src/testing/arbitraries.js';
import { LiveKeys } from './live-keys.js';

/** Few locks and few hashes, so that keys come again; hashes that differ at either end only. */
const anyWrite = fc.record({
  lock: fc.nat({ max: 4 }),
  hash: fc.oneof(
    fc.nat({ max: 40 }).map((n) => hashOf(BigInt(n) << 248n)),
    fc.nat({ max: 40 }).map((n) => hashOf(n)),
  ),
  live: fc.boolean(),
});

describe('keys that are live or not', () => {
  it('are counted as a map would count them, however often they change and the table grows', () => {
    fc.assert(
      fc.property(fc.array(anyWrite, { maxLength: 400, size: 'max' }), fc.nat(), (writes, multiplier) => {
        const keys = new LiveKeys(multiplier, 4);
        const expected = new Map<string, boolean>();
        for (const { lock, hash, live } of writes) {
          const key = `${lock}-${hash}`;
          const before = expected.get(key) ?? false;
          if (keys.set(lock, hash, live) !== Number(live) - Number(before)) return false;
          expected.set(key, live);
        }
        return true;
      }),
    );
  });

  it('are found again when there are many of them', () => {
    const keys = new LiveKeys(0x9e3779b1);
    const setAll = (live: boolean): number => {
      let changed = 0;
      for (let n = 0; n < 20_000; n += 1) changed += keys.set(n % 100, hashOf(BigInt(n) << 128n), live);
      return changed;
    };
    expect([setAll(true), setAll(true), setAll(false), setAll(true)]).toEqual([20_000, 0, -20_000, 20_000]);
  });
});
