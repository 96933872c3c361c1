import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '@hybrid-sync/devstack';
import { Database, migrate } from '../index.js';

const migrations = join(import.meta.dirname, '../../migrations');

export interface TestStore {
  readonly url: string;
  readonly database: Database;
  /** Rows of a statement, for what no function of the package asks. */
  rows(sql: string): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** A migrated database for one file. */
export async function testStore(): Promise<TestStore> {
  const test: TestDatabase = await createDatabase({
    version: await digestOfMigrations(),
    migrate: async (url) => {
      await migrate(url, () => undefined);
    },
  });
  const database = openDatabase(test.url);
  return {
    url: test.url,
    database,
    rows: async (sql) => (await database.query<Record<string, unknown>>(sql)).rows,
    drop: async () => {
      await database.close();
      await test.drop();
    },
  };
}

/** A second pool on a database, or one on a database that is not migrated. */
export function openDatabase(url: string): Database {
  return new Database({ url, maxConnections: 5, statementTimeoutMs: 20_000, lost: () => undefined });
}

async function digestOfMigrations(): Promise<string> {
  const files = (await readdir(migrations)).filter((file) => file.endsWith('.sql')).sort();
  const digest = createHash('sha256');
  for (const file of files) digest.update(file).update(await readFile(join(migrations, file)));
  return digest.digest('hex').slice(0, 16);
}
