import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { abandonBuilding, advanceOffset, beginGeneration, readGenerations, type Generation } from './index.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

const plan = { topic: 'revocations', incarnation: 'one', reason: 'test', commandId: null };
const targetOffsets = new Map([
  [0, 10],
  [1, 30],
]);

function begun(): Promise<Generation | 'command-known'> {
  return store.database.transaction((transaction) => beginGeneration(transaction, { ...plan, targetOffsets }));
}

it('shows how much of a generation has been applied, of what there was when it was begun', async () => {
  const progress = 'select generation, applied_records::integer, target_records::integer from rebuild_progress';
  expect(await store.rows(progress)).toEqual([]);
  await begun();
  expect(await store.rows(progress)).toEqual([{ generation: 2, applied_records: 0, target_records: 40 }]);
  const at = { generation: 2, topic: 'revocations', fromOffset: 0 };
  await advanceOffset(store.database, { ...at, partition: 0, nextOffset: 25 });
  await advanceOffset(store.database, { ...at, partition: 1, nextOffset: 5 });
  expect(await store.rows(progress)).toEqual([{ generation: 2, applied_records: 15, target_records: 40 }]);
});

it('begins another generation after one was given up, and leaves the active one alone', async () => {
  expect(await begun()).toMatchObject({ generation: 2 });
  await abandonBuilding(store.database, 2);
  await abandonBuilding(store.database, 1);
  expect(await store.rows('select from applied_offsets where generation = 2')).toEqual([]);
  expect(await readGenerations(store.database)).toMatchObject([{ generation: 1, state: 'active' }]);
  expect(await begun()).toMatchObject({ generation: 3, slot: 'b' });
});
