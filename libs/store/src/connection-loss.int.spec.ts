import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { advanceOffset, Database } from './index.js';
import { CutConnection } from './testing/cut-connection.js';
import { openDatabase, testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());
beforeEach(() => store.rows('truncate applied_offsets'));

const advance = { generation: 1, topic: 'revocations', partition: 0, fromOffset: 0, nextOffset: 5 };
const offsets = (): Promise<unknown> => store.rows('select next_offset::integer as next from applied_offsets');

describe('a transaction', () => {
  it('is committed as a whole, or rolled back as a whole', async () => {
    expect(await store.database.transaction((transaction) => advanceOffset(transaction, advance))).toBe('advanced');
    const failed = store.database.transaction(async (transaction) => {
      await advanceOffset(transaction, { ...advance, fromOffset: 5, nextOffset: 9 });
      throw new Error('no more');
    });
    await expect(failed).rejects.toThrow('no more');
    expect(await offsets()).toEqual([{ next: 5 }]);
  });

  it('may stay open on its connection while others work on theirs', async () => {
    const [begun, end] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const open = store.database.transaction(async (transaction) => {
      await advanceOffset(transaction, advance);
      begun.resolve(undefined);
      await end.promise;
    });
    await begun.promise;
    expect(await store.database.transaction((other) => advanceOffset(other, { ...advance, partition: 1 }))).toBe(
      'advanced',
    );
    end.resolve(undefined);
    await open;
    expect(await offsets()).toHaveLength(2);
  });

  it('whose answer to COMMIT is lost is told as failed; repeated, the tables tell that it was done', async () => {
    const { cut, url } = await CutConnection.before(store.url);
    const database = openDatabase(url);
    const apply = (): Promise<string> => database.transaction((transaction) => advanceOffset(transaction, advance));
    cut.cutAt('commit');
    await expect(apply()).rejects.toThrow('Connection terminated');
    expect(await apply()).toBe('stale');
    expect(await offsets()).toEqual([{ next: 5 }]);
    await database.close();
    cut.close();
  });

  it('whose connection ends before COMMIT has come through is not there, and the pool goes on', async () => {
    const ended = store.database.transaction(async (transaction) => {
      await advanceOffset(transaction, advance);
      await transaction.query('select pg_terminate_backend(pg_backend_pid())');
    });
    await expect(ended).rejects.toThrow(/terminat/);
    expect(await offsets()).toEqual([]);
    expect(await store.database.transaction((transaction) => advanceOffset(transaction, advance))).toBe('advanced');
  });

  it('is ended by the server when its client has nothing to say for too long', async () => {
    const database = new Database({
      url: store.url,
      maxConnections: 1,
      statementTimeoutMs: 100,
      lost: () => undefined,
    });
    const paused = database.transaction(async (transaction) => {
      await advanceOffset(transaction, advance);
      const silent = `select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`;
      while ((await store.rows(silent)).length > 0);
      await advanceOffset(transaction, { ...advance, partition: 1 });
    });
    await expect(paused).rejects.toThrow(/terminat|idle|connection error/i);
    expect(await offsets()).toEqual([]);
    await database.close();
  });
});

describe('a statement', () => {
  it('is given up by the server in time', async () => {
    const database = new Database({ url: store.url, maxConnections: 1, statementTimeoutMs: 50, lost: () => undefined });
    await expect(database.query('select pg_sleep(60)')).rejects.toThrow('statement timeout');
    expect((await database.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('is given up by the client where the server cannot be heard any more, and the pool goes on', async () => {
    const { cut, url } = await CutConnection.before(store.url);
    const database = new Database({ url, maxConnections: 1, statementTimeoutMs: 50, lost: () => undefined });
    cut.deafTo('next_offset');
    await expect(database.transaction((transaction) => advanceOffset(transaction, advance))).rejects.toThrow('timeout');
    expect(await database.transaction((transaction) => advanceOffset(transaction, advance))).toBe('advanced');
    await database.close();
    cut.close();
  }, 20_000);
});

describe('a lock', () => {
  it('cannot be taken where the database cannot be reached', async () => {
    const nowhere = openDatabase('postgres://127.0.0.1:1/nowhere');
    const refused = nowhere.withLock('builder', () => Promise.resolve('held'));
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await nowhere.close();
  });
});
