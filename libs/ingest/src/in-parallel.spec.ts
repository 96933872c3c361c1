import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inParallel } from './in-parallel.js';

describe('tasks in parallel', () => {
  it('give their results in order, never more than so many at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), async (turns, limit) => {
        let [running, most] = [0, 0];
        const task = async (count: number): Promise<number> => {
          most = Math.max(most, (running += 1));
          for (let turn = 0; turn <= count; turn += 1) await Promise.resolve();
          running -= 1;
          return count;
        };
        expect(await inParallel(turns, limit, task)).toEqual(turns);
        expect(most).toBe(Math.min(limit, turns.length));
      }),
    );
  });

  it('fail with the first failure', async () => {
    const task = (item: number): Promise<number> =>
      item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(1);
    await expect(inParallel([1, 2, 3], 2, task)).rejects.toThrow('two');
  });
});
