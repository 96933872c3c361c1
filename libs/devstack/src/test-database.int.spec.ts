import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createDatabase, type TestDatabase } from './index.js';

async function rowsOf(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a test database', () => {
  it('is a clone of a template that is migrated once, however many ask at the same time', async () => {
    const migrated: string[] = [];
    const template = {
      version: `spec_${process.pid}_${Date.now()}`,
      migrate: async (url: string): Promise<void> => {
        migrated.push(url);
        await rowsOf(url, 'create table lock as select 7 as id');
      },
    };
    const databases = await Promise.all([1, 2, 3].map(() => createDatabase(template)));
    expect(migrated).toHaveLength(1);
    for (const { url } of databases) expect(await rowsOf(url, 'select id from lock')).toEqual([{ id: 7 }]);
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('does not see what another one holds and is gone after drop', async () => {
    const [first, second]: TestDatabase[] = await Promise.all([createDatabase(), createDatabase()]);
    if (first === undefined || second === undefined) throw new Error('two databases expected');
    await rowsOf(first.url, 'create table lock ()');
    await expect(rowsOf(second.url, 'select from lock')).rejects.toThrow('does not exist');
    await Promise.all([first.drop(), second.drop()]);
    await expect(rowsOf(first.url, 'select 1')).rejects.toThrow('does not exist');
  });
});
