import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backOffMs } from './back-off.js';

const bounds = { firstMs: 100, longestMs: 15_000 };
const chance = fc.double({ min: 0, max: 1, noNaN: true });

describe('the pause after failures in a row', () => {
  it('doubles up to the longest', () => {
    expect([1, 2, 3, 4, 8, 9, 10_000].map((failures) => backOffMs(failures, bounds, 1))).toEqual([
      100, 200, 400, 800, 12_800, 15_000, 15_000,
    ]);
  });

  it('differs by chance, by half at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), chance, (failures, random) => {
        const [pause, most] = [backOffMs(failures, bounds, random), backOffMs(failures, bounds, 1)];
        expect(pause).toBeGreaterThanOrEqual(most / 2);
        expect(pause).toBeLessThanOrEqual(most);
      }),
    );
  });
});
