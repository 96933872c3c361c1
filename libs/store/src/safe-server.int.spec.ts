import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@hybrid-sync/devstack';
import { requireSafeServer } from './index.js';
import { openDatabase, testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

describe('a server', () => {
  it('that keeps what it has committed is accepted', async () => {
    await requireSafeServer(store.database);
  });

  it('is refused with synchronous_commit off, although it is so for this database only', async () => {
    const name = new URL(store.url).pathname.slice(1);
    await store.rows(`alter database "${name}" set synchronous_commit = off`);
    const database = openDatabase(store.url);
    await expect(requireSafeServer(database)).rejects.toThrow(/synchronous_commit off.*ALLOW_UNSAFE_DATABASE=true/);
    await database.close();
  });

  it('is refused with fsync off', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'unsafe-postgres-'));
    const server = await startPostgres({ dataDir, settings: { fsync: 'off', full_page_writes: 'off' } });
    const database = openDatabase(server.url);
    try {
      await expect(requireSafeServer(database)).rejects.toThrow('fsync and full_page_writes off');
    } finally {
      await database.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 30_000);
});
