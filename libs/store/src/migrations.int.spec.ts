import { afterEach, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '@hybrid-sync/devstack';
import { migrate, requireSchema, type Database } from './index.js';
import { openDatabase } from './testing/test-store.js';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function emptyDatabase(): Promise<{ readonly url: string; readonly database: Database }> {
  const test: TestDatabase = await createDatabase();
  const database = openDatabase(test.url);
  opened.push(async () => {
    await database.close();
    await test.drop();
  });
  return { url: test.url, database };
}

const quiet = (): void => undefined;

describe('the migrations', () => {
  it('are asked for by name where the database lacks them', async () => {
    const { database } = await emptyDatabase();
    await expect(requireSchema(database)).rejects.toThrow(
      /^the schema lacks 0001_read-models, 0002_audit, 0003_generations: run .*migrate\.js$/,
    );
  });

  it('are applied once', async () => {
    const { url, database } = await emptyDatabase();
    expect(await migrate(url, quiet)).toEqual(['0001_read-models', '0002_audit', '0003_generations']);
    expect(await migrate(url, quiet)).toEqual([]);
    await requireSchema(database);
  });

  it('are applied once when several processes do it at the same time', async () => {
    const { url, database } = await emptyDatabase();
    const applied = await Promise.all([migrate(url, quiet), migrate(url, quiet), migrate(url, quiet)]);
    expect(applied.flat()).toEqual(['0001_read-models', '0002_audit', '0003_generations']);
    await requireSchema(database);
  });

  it('may be more than this code knows: the next version has been there', async () => {
    const { url, database } = await emptyDatabase();
    await migrate(url, quiet);
    await database.query(`insert into schema_migrations (name, run_on) values ('9999_later', now())`);
    await requireSchema(database);
  });
});
