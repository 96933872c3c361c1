import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { insertRetractions, type RetractionRow } from './index.js';
import { rowOf } from './testing/facts.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

const { record } = rowOf(2n ** 256n - 1n, 7);
const retraction = (offset: number, changes: Partial<RetractionRow> = {}): RetractionRow => ({
  partition: 3,
  offset,
  lockId: record.lockId,
  signatureHash: record.signatureHash,
  reason: 'reorg',
  log: record,
  ...changes,
});

it('keeps one row for each record that took a revocation back, for the audit', async () => {
  await insertRetractions(store.database, 'first', []);
  await insertRetractions(store.database, 'first', [retraction(5), retraction(6, { reason: 'tombstone', log: null })]);
  const before = await store.rows('select xmin::text, * from retractions order by record_offset');
  expect(before).toMatchObject([
    {
      partition: 3,
      record_offset: '5',
      lock_id: (2n ** 256n - 1n).toString(),
      reason: 'reorg',
      block_number: '1000',
      log_index: 7,
    },
    { partition: 3, record_offset: '6', reason: 'tombstone', block_number: null, block_hash: null, log_index: null },
  ]);
  await insertRetractions(store.database, 'first', [retraction(5, { reason: 'not-canonical' }), retraction(6)]);
  expect(await store.rows('select xmin::text, * from retractions order by record_offset')).toEqual(before);
});
