import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ApplyQueue, type QueuedBatch } from './apply-queue.js';
import { until } from './testing/until.js';

const topic = 't';

type Named = Omit<QueuedBatch, 'apply'> & { readonly name: string };

function batch(partition: number, number: number, bytes = 10): Named {
  return { topic, partition, bytes, name: `${partition}:${number}` };
}

/** Applies nothing before it is told to. */
class Bench {
  readonly begun: string[] = [];
  readonly admitted: string[] = [];
  private readonly open = new Map<string, () => void>();

  constructor(readonly queue: ApplyQueue) {}

  push({ name, ...one }: Named): void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const apply = (): Promise<void> => {
      this.begun.push(name);
      this.open.set(name, () => {
        resolve(undefined);
      });
      return promise.then(() => undefined);
    };
    void this.queue.push({ ...one, apply }).then(() => this.admitted.push(name));
  }

  async end(name: string): Promise<void> {
    this.open.get(name)?.();
    await turn();
  }
}

/** Everything that follows from promises that are resolved has happened. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const benchOf = (concurrently: number, aheadBytes: number): Bench =>
  new Bench(new ApplyQueue({ concurrently, aheadBytes }));

describe('a queue of batches to be applied', () => {
  it('lets the next one be brought when a batch has been applied, where nothing is taken ahead', async () => {
    const bench = benchOf(2, 0);
    bench.push(batch(0, 0));
    bench.push(batch(1, 0));
    await turn();
    expect(bench.admitted).toEqual([]);
    await bench.end('1:0');
    expect(bench.admitted).toEqual(['1:0']);
  });

  it('takes as many bytes ahead as it may, and lets more come when there is room again', async () => {
    const bench = benchOf(1, 29);
    for (const offset of [0, 1, 2]) bench.push(batch(0, offset));
    await turn();
    expect(bench.begun).toEqual(['0:0']);
    expect(bench.admitted).toEqual(['0:0', '0:1']);
    await bench.end('0:0');
    expect(bench.admitted).toEqual(['0:0', '0:1', '0:2']);
  });

  it('drops what waits of a partition, and lets what is being applied end', async () => {
    const bench = benchOf(1, 0);
    for (const one of [batch(0, 0), batch(0, 1), batch(1, 0)]) bench.push(one);
    bench.queue.drop({ topic, partition: 0 });
    await turn();
    expect(bench.admitted).toEqual(['0:1']);
    await bench.end('0:0');
    expect(bench.begun).toEqual(['0:0', '1:0']);
  });

  it('drops all that waits', async () => {
    const bench = benchOf(1, 0);
    for (const one of [batch(0, 0), batch(0, 1), batch(1, 0)]) bench.push(one);
    bench.queue.drop();
    await bench.end('0:0');
    expect(bench.begun).toEqual(['0:0']);
  });

  it('is quiet when nothing of a partition is being applied', async () => {
    const bench = benchOf(2, 0);
    bench.push(batch(0, 0));
    bench.push(batch(1, 0));
    await bench.queue.quiet([{ topic, partition: 2 }]);
    const quiet: string[] = [];
    void bench.queue.quiet([{ topic, partition: 0 }]).then(() => quiet.push('0'));
    void bench.queue.quiet().then(() => quiet.push('all'));
    await bench.end('0:0');
    expect(quiet).toEqual(['0']);
    await bench.end('1:0');
    expect(quiet).toEqual(['0', 'all']);
  });

  it('applies everything once, a partition in order, never more at a time than it may', async () => {
    const plan = fc.record({
      partitions: fc.array(fc.nat({ max: 3 }), { maxLength: 40 }),
      concurrently: fc.integer({ min: 1, max: 4 }),
      aheadBytes: fc.nat({ max: 100 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ partitions, concurrently, aheadBytes }) => {
        const queue = new ApplyQueue({ concurrently, aheadBytes });
        const running = new Set<number>();
        const applied: (readonly [number, number])[] = [];
        const pushed = partitions.map((partition, offset) =>
          queue.push({
            ...batch(partition, offset),
            apply: async () => {
              expect(running).not.toContain(partition);
              running.add(partition);
              expect(running.size).toBeLessThanOrEqual(concurrently);
              await turn();
              running.delete(partition);
              applied.push([partition, offset]);
            },
          }),
        );
        await Promise.all(pushed);
        await until(() => applied.length === partitions.length);
        for (const partition of new Set(partitions)) {
          const offsets = applied.filter(([one]) => one === partition).map(([, offset]) => offset);
          expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 50 },
    );
  });
});
