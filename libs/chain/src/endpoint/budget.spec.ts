import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Budget } from './budget.js';

/** Time that passes only while somebody waits for it. */
function budgetOf(
  concurrency: number,
  callsPerSecond: number,
): { readonly budget: Budget; readonly now: () => number } {
  let now = 0;
  const pause = (wait: number): Promise<void> => {
    now += wait;
    return Promise.resolve();
  };
  return { budget: new Budget({ concurrency, callsPerSecond, clock: () => now, pause }), now: () => now };
}

describe('a budget', () => {
  it('lets no more requests go at once than it has room for, first come first served', async () => {
    const { budget } = budgetOf(3, 0);
    const open: (() => void)[] = [];
    const order: number[] = [];
    let most = 0;
    const request = async (index: number): Promise<void> => {
      order.push(index);
      const { promise, resolve } = Promise.withResolvers<undefined>();
      open.push(() => {
        resolve(undefined);
      });
      most = Math.max(most, open.length);
      await promise;
    };
    const all = Array.from({ length: 10 }, (_, index) => budget.spend(1, () => request(index)));
    const finish = async (): Promise<void> => {
      while (order.length < 10 || open.length > 0) {
        open.shift()?.();
        await Promise.resolve();
      }
    };
    await Promise.all([...all, finish()]);
    expect(most).toBe(3);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('has room again after a request that failed', async () => {
    const { budget } = budgetOf(1, 0);
    await expect(budget.spend(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await budget.spend(1, () => Promise.resolve(7))).toBe(7);
  });

  it('keeps to its rate, each call of a batch counted, with a burst of one second', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 30 }),
        async (rate, batches) => {
          const { budget, now } = budgetOf(8, rate);
          let before = 0;
          for (const calls of batches) {
            await budget.spend(calls, () => Promise.resolve());
            expect(before).toBeLessThanOrEqual((now() / 1_000 + 1) * rate + 1e-6);
            before += calls;
          }
        },
      ),
    );
  });
});
