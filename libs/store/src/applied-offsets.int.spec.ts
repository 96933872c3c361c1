import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { advanceOffset, readAppliedOffsets, readCurrentAges, stampCurrent } from './index.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());
beforeEach(() => store.rows('truncate applied_offsets'));

const step = (fromOffset: number, nextOffset: number, partition = 3): Parameters<typeof advanceOffset>[1] => ({
  generation: 1,
  topic: 'revocations',
  partition,
  fromOffset,
  nextOffset,
});
const applied = (): Promise<unknown> => readAppliedOffsets(store.database, { generation: 1, topic: 'revocations' });
const advance = (...args: Parameters<typeof step>): Promise<string> => advanceOffset(store.database, step(...args));

describe('the applied offset', () => {
  it('advances from where it stands, and from nowhere else', async () => {
    expect(await applied()).toEqual(new Map());
    expect(await advance(5, 9)).toBe('stale');
    expect(await advance(0, 5)).toBe('advanced');
    expect(await advance(0, 7)).toBe('stale');
    expect(await advance(5, 9)).toBe('advanced');
    expect(await advance(5, 9)).toBe('stale');
    expect(await advance(10, 12)).toBe('stale');
    expect(await applied()).toEqual(new Map([[3, 9]]));
  });

  it('is one for each partition and topic', async () => {
    await advance(0, 5);
    expect(await advance(0, 6, 4)).toBe('advanced');
    expect(await advanceOffset(store.database, { ...step(0, 7), topic: 'status' })).toBe('advanced');
    expect(await applied()).toEqual(
      new Map([
        [3, 5],
        [4, 6],
      ]),
    );
  });

  it.each([
    ['first', 0],
    ['next', 5],
  ])(
    'makes a twin wait that applies the same batch, the %s one, and then tells it that it is stale',
    async (_, from) => {
      if (from > 0) await advance(0, from);
      const written = Promise.withResolvers<undefined>();
      const commit = Promise.withResolvers<undefined>();
      const first = store.database.transaction(async (transaction) => {
        const outcome = await advanceOffset(transaction, step(from, 9));
        written.resolve(undefined);
        await commit.promise;
        return outcome;
      });
      await written.promise;
      let over = false;
      const twin = advance(from, 9).finally(() => (over = true));
      await waitsForLock();
      expect(over).toBe(false);
      commit.resolve(undefined);
      expect([await first, await twin]).toEqual(['advanced', 'stale']);
    },
  );

  it('lets the twin go on when the first one rolls back', async () => {
    const written = Promise.withResolvers<undefined>();
    const fail = Promise.withResolvers<undefined>();
    const first = store.database.transaction(async (transaction) => {
      await advanceOffset(transaction, step(0, 9));
      written.resolve(undefined);
      await fail.promise;
      throw new Error('the rows could not be written');
    });
    await written.promise;
    const twin = advance(0, 9);
    await waitsForLock();
    fail.resolve(undefined);
    await expect(first).rejects.toThrow('the rows could not be written');
    expect(await twin).toBe('advanced');
  });
});

describe('the time when everything was applied', () => {
  const topic = { generation: 1, topic: 'revocations' };

  it('is said of partitions that stand at their end, also of those that nothing was ever in', async () => {
    await advance(0, 5);
    expect(await readCurrentAges(store.database, topic)).toEqual(new Map([[3, null]]));
    await stampCurrent(store.database, { ...topic, partitions: [3, 4] });
    await stampCurrent(store.database, { ...topic, partitions: [] });
    const ages = await readCurrentAges(store.database, topic);
    expect([...ages.keys()].sort()).toEqual([3, 4]);
    expect(Math.min(...[...ages.values()].map((age) => age ?? NaN))).toBeGreaterThanOrEqual(0);
    await store.rows(`update applied_offsets set current_at = now() - interval '8 days'`);
    await advance(5, 9);
    expect((await readCurrentAges(store.database, topic)).get(3)).toBeGreaterThan(7 * 86_400);
    expect(await advance(0, 2, 4)).toBe('advanced');
  });

  it('is none of another generation', async () => {
    await stampCurrent(store.database, { ...topic, partitions: [3] });
    expect(await readCurrentAges(store.database, { ...topic, generation: 2 })).toEqual(new Map());
  });
});

/** Resolves when some statement of this database waits for a lock. */
async function waitsForLock(): Promise<void> {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await store.rows(waiting)).length === 0);
}
