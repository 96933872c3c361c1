import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  deleteRevocations,
  findRevocation,
  listRevocations,
  readLockStats,
  readRevocationTotals,
  packRevocations,
  upsertRevocations,
  countRevocationsAbove,
} from './index.js';
import { addressOf, hashOf, lockIdOf } from '../../domain/src/testing/arbitraries.js';
import { rowOf } from './testing/facts.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());
beforeEach(() => store.rows('truncate revocations_a, recorded_entries'));

const upsert = (...rows: Parameters<typeof packRevocations>[0]): Promise<void> =>
  upsertRevocations(store.database, 'a', packRevocations(rows));
const wholeRows = (): Promise<unknown> =>
  store.rows('select xmin::text, ctid::text, * from revocations_a order by signature_hash, lock_id');
const counts = (): Promise<unknown> =>
  store.rows(
    `select partition, first_published_by as by, revocations::integer as n from revocation_counts
     where revocations <> 0 order by 1, 2`,
  );

describe('upserting revocations', () => {
  it('stores the log, with the time of its block', async () => {
    await upsert(rowOf(7, 1));
    expect(await findRevocation(store.database, lockIdOf(7), [hashOf(1)])).toEqual({
      signatureHash: hashOf(1),
      revokedBy: rowOf(7, 1).record.owner,
      revokedAt: new Date((1_700_000_000 + 1000) * 1000),
      blockNumber: 1000,
      transactionHash: rowOf(7, 1).record.transactionHash,
      logIndex: 1,
    });
  });

  it('changes nothing for a duplicate: not even the row version', async () => {
    await upsert(rowOf(7, 1), rowOf(7, 2, { source: 'batch' }));
    const [rows, before] = [await wholeRows(), await counts()];
    await upsert(rowOf(7, 1, { source: 'force-sync', partition: 5 }), rowOf(7, 2));
    expect(await wholeRows()).toEqual(rows);
    expect(await counts()).toEqual(before);
  });

  it('takes over a log that was mined again, in place, and keeps who published first', async () => {
    await upsert(rowOf(7, 1, { source: 'batch' }));
    const [before] = await store.rows('select id, created_at from revoked_signatures');
    await upsert(rowOf(7, 1, { block: 1001, source: 'realtime' }));
    const [after] = await store.rows('select id, created_at, block_number, first_published_by from revoked_signatures');
    expect(after).toEqual({ ...before, block_number: '1001', first_published_by: 'batch' });
    expect(await counts()).toEqual([{ partition: 0, by: 'batch', n: 1 }]);
  });

  it('takes over what the last record says of the same log', async () => {
    const row = rowOf(7, 1);
    const otherwise = { ...row, record: { ...row.record, owner: addressOf(0xb0b) } };
    await upsert(row);
    await upsert(otherwise);
    expect(await findRevocation(store.database, lockIdOf(7), [hashOf(1)])).toMatchObject({
      revokedBy: addressOf(0xb0b),
    });
  });

  it('holds every lock id up to 2^256-1 apart', async () => {
    const locks = [0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 256n - 2n, 2n ** 256n - 1n];
    await upsert(...locks.map((lock, index) => rowOf(lock, index)));
    for (const [index, lock] of locks.entries()) {
      const found = await listRevocations(store.database, lockIdOf(lock), { below: null, limit: null });
      expect(found.map(({ signatureHash }) => signatureHash)).toEqual([hashOf(index)]);
    }
  });

  it('takes more rows at once than a statement may have parameters', async () => {
    await upsert(...Array.from({ length: 70_000 }, (_, index) => rowOf(1, index)));
    expect(await counts()).toEqual([{ partition: 0, by: 'realtime', n: 70_000 }]);
  }, 20_000);
});

describe('deleting revocations', () => {
  it('deletes those that are there, and only of that lock', async () => {
    await upsert(rowOf(7, 1), rowOf(7, 2), rowOf(8, 1));
    await deleteRevocations(store.database, 'a', [rowOf(7, 1).record, rowOf(9, 9).record]);
    expect(await findRevocation(store.database, lockIdOf(7), [hashOf(1)])).toBeNull();
    expect(await findRevocation(store.database, lockIdOf(7), [hashOf(3), hashOf(2)])).not.toBeNull();
    expect(await findRevocation(store.database, lockIdOf(8), [hashOf(1)])).not.toBeNull();
  });
});

it('makes a new row of a key that was taken back and revoked again in one batch', async () => {
  await upsert(rowOf(7, 1, { source: 'batch' }), rowOf(7, 2));
  await store.database.transaction(async (transaction) => {
    await deleteRevocations(transaction, 'a', [rowOf(7, 1).record, rowOf(7, 3).record]);
    await upsertRevocations(transaction, 'a', packRevocations([rowOf(7, 1, { block: 1001 })]));
  });
  expect(await store.rows('select block_number, first_published_by as by from revoked_signatures order by 1')).toEqual([
    { block_number: '1000', by: 'realtime' },
    { block_number: '1001', by: 'realtime' },
  ]);
  expect(await counts()).toEqual([{ partition: 0, by: 'realtime', n: 2 }]);
});

it('keeps the two slots and their counts apart, and a row its id in both', async () => {
  await upsert(rowOf(7, 1));
  await upsertRevocations(store.database, 'b', packRevocations([rowOf(7, 1), rowOf(7, 2)]));
  const ids = async (): Promise<unknown> =>
    (await store.rows('select id from revoked_signatures order by signature_hash'))[0];
  const before = await ids();
  expect(
    await store.rows('select slot, sum(revocations)::integer as n from slot_counts group by 1 order by 1'),
  ).toEqual([
    { slot: 'a', n: 1 },
    { slot: 'b', n: 2 },
  ]);
  await store.rows(`
    insert into generations (slot, state, reason) values ('b', 'building', 'test');
    update active_generation set slot = 'b', generation = 2`);
  expect(await ids()).toEqual(before);
  expect(await store.rows('select from revoked_signatures')).toHaveLength(2);
  await store.rows(`update active_generation set slot = 'a', generation = 1; truncate revocations_b`);
  expect(await store.rows(`select from slot_counts where slot = 'b'`)).toEqual([]);
  expect(await counts()).toEqual([{ partition: 0, by: 'realtime', n: 1 }]);
});

describe('the counts of revocations', () => {
  it('tell by whom each was published first, whoever changes the table', async () => {
    await upsert(
      rowOf(1, 1),
      rowOf(1, 2),
      rowOf(1, 3, { source: 'batch' }),
      rowOf(1, 4, { source: 'force-sync', partition: 1 }),
    );
    expect(await readRevocationTotals(store.database)).toMatchObject({ realtime: 2, batch: 2 });
    await store.rows('delete from revocations_a where log_index in (1, 3)');
    expect(await readRevocationTotals(store.database)).toMatchObject({ realtime: 1, batch: 1 });
    await store.rows('truncate revocations_a');
    expect(await readRevocationTotals(store.database)).toEqual({ realtime: 0, batch: 0, lastRealtimeAt: null });
    await upsert(rowOf(1, 1));
    expect(await readRevocationTotals(store.database)).toMatchObject({ realtime: 1, lastRealtimeAt: expect.any(Date) });
  });

  it('equal the rows after any changes', async () => {
    const anyKeys = fc.uniqueArray(fc.nat({ max: 5 }), { minLength: 1 });
    const anySource = fc.constantFrom('realtime' as const, 'batch' as const, 'force-sync' as const);
    const anyChange = fc.record({ keys: anyKeys, block: fc.nat({ max: 3 }), source: anySource, gone: fc.boolean() });
    const counted =
      'select partition, first_published_by as by, count(*)::integer as n from revoked_signatures group by 1, 2 order by 1, 2';
    await fc.assert(
      fc.asyncProperty(fc.array(anyChange, { maxLength: 8 }), async (changes) => {
        for (const { keys, block, source, gone } of changes) {
          const rows = keys.map((key) => rowOf(1, key, { block, source, partition: key % 2 }));
          if (gone)
            await deleteRevocations(
              store.database,
              'a',
              rows.map(({ record }) => record),
            );
          else await upsertRevocations(store.database, 'a', packRevocations(rows));
        }
        expect(await counts()).toEqual(await store.rows(counted));
      }),
      { numRuns: 40 },
    );
  });

  it('say how many are above a block', async () => {
    await upsert(rowOf(1, 1, { block: 10 }), rowOf(1, 2, { block: 11 }), rowOf(2, 3, { block: 12 }));
    expect(await countRevocationsAbove(store.database, 10)).toBe(2);
  });
});

describe('the list of a lock', () => {
  it('is newest first, and goes on below any position', async () => {
    await upsert(rowOf(7, 3, { block: 11 }), rowOf(7, 1, { block: 10 }), rowOf(7, 2, { block: 10 }), rowOf(8, 9));
    const all = await listRevocations(store.database, lockIdOf(7), { below: null, limit: null });
    expect(all.map(({ blockNumber, logIndex }) => [blockNumber, logIndex])).toEqual([
      [11, 3],
      [10, 2],
      [10, 1],
    ]);
    for (const [index, below] of all.entries()) {
      expect(await listRevocations(store.database, lockIdOf(7), { below, limit: 1 })).toEqual(
        all.slice(index + 1, index + 2),
      );
    }
  });
});

it('lists logs of two branches that share a place one after the other, while a reorg is applied', async () => {
  await upsert(rowOf(7, 1, { block: 10 }), rowOf(7, 1001, { block: 10 }), rowOf(7, 2001, { block: 10 }));
  const all = await listRevocations(store.database, lockIdOf(7), { below: null, limit: null });
  expect(new Set(all.map(({ logIndex }) => logIndex)).size).toBe(1);
  const [first, second] = all;
  if (first === undefined || second === undefined) throw new Error('three rows expected');
  expect(await listRevocations(store.database, lockIdOf(7), { below: first, limit: 1 })).toEqual([second]);
  expect(await listRevocations(store.database, lockIdOf(7), { below: second, limit: 5 })).toEqual(all.slice(2));
});

describe('the statistics of a lock', () => {
  it('call an entry revoked whichever of the two came first', async () => {
    const entry = (signature: number): Promise<unknown> =>
      store.rows(
        `insert into recorded_entries (id, lock_id, signature, signature_hash, timestamp, metadata)
         values (gen_random_uuid(), 7, 'text', '\\x${hashOf(signature).slice(2)}', now(), '{}')`,
      );
    await upsert(rowOf(7, 1));
    await entry(1);
    await entry(2);
    await entry(3);
    await upsert(rowOf(7, 2));
    expect(await readLockStats(store.database, lockIdOf(7))).toEqual({
      totalRevocations: 2,
      totalEntries: 3,
      revokedEntries: 2,
    });
    expect(await readLockStats(store.database, lockIdOf(8))).toEqual({
      totalRevocations: 0,
      totalEntries: 0,
      revokedEntries: 0,
    });
  });
});
