import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readTopicFaults, writeTopicFaults } from './index.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

const partitions = { setting: 'partitions', expected: '8', actual: '9' };
const cleanup = { setting: 'cleanup.policy', expected: 'compact', actual: 'delete' };

it('keeps how a topic differs, since when, and no longer than it does', async () => {
  const write = (...faults: Parameters<typeof writeTopicFaults>[2]): Promise<void> =>
    writeTopicFaults(store.database, 'revocations', faults);
  await writeTopicFaults(store.database, 'status', [cleanup]);
  await write(partitions, cleanup);
  const [first, second] = await readTopicFaults(store.database);
  expect([first, second]).toMatchObject([
    { topic: 'revocations', ...cleanup },
    { topic: 'revocations', ...partitions },
  ]);
  await write({ ...partitions, actual: '10' });
  expect(await readTopicFaults(store.database)).toEqual([
    { ...second, actual: '10' },
    { topic: 'status', ...cleanup, noticedAt: expect.any(Date) },
  ]);
  await write();
  expect(await readTopicFaults(store.database)).toMatchObject([{ topic: 'status' }]);
});
