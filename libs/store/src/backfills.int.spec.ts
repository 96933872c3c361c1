import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { BackfillStatus } from '@hybrid-sync/domain';
import { findBackfill, upsertBackfill } from './index.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

const commandId = '0b5d5f2e-3f0c-4a57-9b1a-0d7a1c9d2e11';
const status = (changes: Partial<BackfillStatus>): BackfillStatus => {
  const range = { fromBlock: 3, toBlock: 9, nextBlock: 3, published: 0, retracted: 0 };
  return { commandId, state: 'running', ...range, offsets: new Map(), reason: null, ...changes };
};

it('follows a command from its first status to its last, and keeps when it began', async () => {
  expect(await findBackfill(store.database, commandId)).toBeNull();
  await upsertBackfill(store.database, status({}), { startedAt: 1_000, updatedAt: 2_000 });
  await upsertBackfill(store.database, status({ nextBlock: 7, published: 4 }), { startedAt: 3_000, updatedAt: 3_000 });
  const failed = status({
    state: 'failed',
    nextBlock: 8,
    published: 5,
    retracted: 1,
    reason: 'the chain is another one',
  });
  await upsertBackfill(store.database, failed, { startedAt: 4_000, updatedAt: 5_000 });
  expect(await findBackfill(store.database, commandId)).toEqual({
    commandId,
    state: 'failed',
    fromBlock: 3,
    toBlock: 9,
    nextBlock: 8,
    published: 5,
    retracted: 1,
    reason: 'the chain is another one',
    startedAt: new Date(1_000),
    updatedAt: new Date(5_000),
  });
});
