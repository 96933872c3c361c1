import { describe, expect, it } from '@jest/globals';
import { prefetch } from './prefetch.js';

/** Tasks that a test ends by hand, in any order. */
class Tasks {
  readonly started: number[] = [];
  readonly #ends = new Map<number, PromiseWithResolvers<number>>();

  readonly run = (item: number): Promise<number> => {
    this.started.push(item);
    return this.of(item).promise;
  };

  of(item: number): PromiseWithResolvers<number> {
    const end = this.#ends.get(item) ?? Promise.withResolvers<number>();
    this.#ends.set(item, end);
    return end;
  }

  finish(...items: readonly number[]): void {
    for (const item of items) this.of(item).resolve(item * 10);
  }
}

async function allOf(results: AsyncIterable<number>): Promise<readonly number[]> {
  const all: number[] = [];
  for await (const result of results) all.push(result);
  return all;
}

describe('reading ahead', () => {
  it('gives the results in order, whichever is done first', async () => {
    const tasks = new Tasks();
    const results = prefetch([1, 2, 3], 3, tasks.run);
    tasks.finish(3, 2, 1);
    expect(await allOf(results)).toEqual([10, 20, 30]);
  });

  it('has no more tasks under way than it may, and starts one for each that is done', async () => {
    const tasks = new Tasks();
    const results = prefetch([1, 2, 3, 4, 5], 2, tasks.run);
    const first = results.next();
    expect(tasks.started).toEqual([1, 2]);
    tasks.finish(2);
    await Promise.resolve();
    expect(tasks.started).toEqual([1, 2]);
    tasks.finish(1);
    expect(await first).toEqual({ done: false, value: 10 });
    expect(tasks.started).toEqual([1, 2, 3]);
    await results.return(undefined);
  });

  it('starts nothing before the first result is asked for, and nothing more once nobody asks', async () => {
    const tasks = new Tasks();
    const results = prefetch([1, 2, 3, 4], 2, tasks.run);
    expect(tasks.started).toEqual([]);
    tasks.finish(1, 2, 3, 4);
    for await (const result of results) if (result === 10) break;
    expect(tasks.started).toEqual([1, 2, 3]);
  });

  it('fails in its turn, after the results before it, and leaves no rejection unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const tasks = new Tasks();
    const results = prefetch([1, 2, 3], 3, tasks.run);
    const first = results.next();
    tasks.of(2).reject(new Error('second'));
    tasks.of(3).reject(new Error('third'));
    await new Promise(setImmediate);
    tasks.finish(1);
    expect((await first).value).toBe(10);
    await expect(results.next()).rejects.toThrow('second');
    await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('gives nothing for nothing', async () => {
    expect(await allOf(prefetch([], 4, () => Promise.resolve(1)))).toEqual([]);
  });
});
