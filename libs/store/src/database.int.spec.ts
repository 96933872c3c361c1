import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isLockTimeout, shareActiveGeneration, type Queryable } from './index.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

const endOthers = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

describe('work under a name', () => {
  it('is done by one at a time, and others are told so at once', async () => {
    const done = Promise.withResolvers<string>();
    const first = store.database.withLock('work', () => done.promise);
    const begun = await store.database.withLock('other work', () => Promise.resolve('begun'));
    expect(begun).toBe('begun');
    expect(await store.database.withLock('work', () => Promise.resolve('second'))).toBe('busy');
    done.resolve('first');
    expect(await first).toBe('first');
    expect(await store.database.withLock('work', () => Promise.resolve('third'))).toBe('third');
  });

  it('gives the name back where the work fails', async () => {
    const failing = store.database.withLock('work', () => Promise.reject(new Error('it failed')));
    await expect(failing).rejects.toThrow('it failed');
    expect(await store.database.withLock('work', () => Promise.resolve('next'))).toBe('next');
  });

  it('is told when its connection is lost, and the name is free then', async () => {
    const told = await store.database.withLock('work', async (lost) => {
      const aborted = new Promise((resolve) => {
        lost.addEventListener('abort', resolve);
      });
      await store.rows(endOthers);
      await aborted;
      return store.database.withLock('work', () => Promise.resolve('next'));
    });
    expect(told).toBe('next');
  });
});

describe('a transaction', () => {
  it('fails where its connection breaks between two statements, and the next one has another connection', async () => {
    const failing = store.database.transaction(async (transaction) => {
      await transaction.query(`set local idle_in_transaction_session_timeout = '20ms'`);
      await ended(transaction);
      await transaction.query('select 1');
    });
    await expect(failing).rejects.toThrow();
    expect(await store.database.transaction(() => Promise.resolve('next'))).toBe('next');
  });

  it('is limited as it says, and the next one on the connection is not', async () => {
    const waiting = store.database.transaction(
      (transaction) =>
        store.database.transaction(async (other) => {
          await other.query('lock table active_generation in exclusive mode');
          await shareActiveGeneration(transaction);
        }),
      { statementMs: 5_000, lockMs: 20, idleMs: 5_000 },
    );
    const error: unknown = await waiting.catch((reason: unknown) => reason);
    expect(isLockTimeout(error)).toBe(true);
    expect(isLockTimeout(new Error('55P03'))).toBe(false);
    const { rows } = await store.database.query<{ lock_timeout: string }>('show lock_timeout');
    expect(rows[0]?.lock_timeout).toBe('0');
  });
});

/** Resolves when the server has ended the connection of a transaction. */
async function ended(transaction: Queryable): Promise<void> {
  const { rows } = await transaction.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = String(rows[0]?.pid);
  while ((await store.rows(`select from pg_stat_activity where pid = ${pid}`)).length > 0);
}
