import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mapAhead } from './map-ahead.js';

describe('mapping ahead', () => {
  it('gives the results in the order of the items, with so many under way and no more', async () => {
    const anyTurns = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(anyTurns, fc.integer({ min: 1, max: 6 }), async (turns, atOnce) => {
        let [underWay, most] = [0, 0];
        const results = await mapAhead(turns.entries(), atOnce, async ([index, count]) => {
          most = Math.max(most, (underWay += 1));
          for (let left = count; left > 0; left -= 1) await turn();
          underWay -= 1;
          return index;
        });
        expect(results).toEqual(turns.map((_, index) => index));
        expect(most).toBe(Math.min(atOnce, turns.length));
      }),
    );
  });

  it('fails with the first failure and begins nothing after it', async () => {
    const begun: number[] = [];
    const mapping = mapAhead([1, 2, 3, 4, 5, 6], 2, async (item) => {
      begun.push(item);
      await turn();
      if (item === 2) throw new Error('no');
    });
    await expect(mapping).rejects.toThrow('no');
    await turn();
    await turn();
    expect(begun).not.toContain(5);
  });
});
