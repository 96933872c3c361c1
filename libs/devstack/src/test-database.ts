import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { testServers } from './test-addresses.js';

export interface DatabaseTemplate {
  /** Names what `migrate` builds, such as a digest of the migrations; lower-case letters, digits and `_`. */
  readonly version: string;
  /** Builds it in an empty database; every connection is closed when the promise resolves. */
  readonly migrate: (databaseUrl: string) => Promise<void>;
}

export interface TestDatabase {
  readonly url: string;
  /** Runs one statement over a connection of its own. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly unknown[]>;
  /** Also ends the connections that are still open. */
  drop(): Promise<void>;
}

/**
 * A database of its own for one test file: a clone of the template, which is migrated once per run, or empty.
 * @param databaseUrl of the server that gets it; by default the one that all tests share
 */
export async function createDatabase(
  template?: DatabaseTemplate,
  databaseUrl = testServers().databaseUrl,
): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await connected(databaseUrl, async (client) => {
    // One at a time: a template with a second connection cannot be cloned.
    await client.query(`select pg_advisory_lock(hashtext('hybrid-sync test databases'))`);
    const source = template === undefined ? 'template1' : await templateDatabase(client, databaseUrl, template);
    await client.query(`create database "${name}" template "${source}"`);
  });
  const url = urlOf(databaseUrl, name);
  return { url, query: (sql, values) => query(url, sql, values), drop: () => drop(databaseUrl, name) };
}

/** Renamed when complete: a migration that failed half-way is never cloned. */
async function templateDatabase(client: pg.Client, databaseUrl: string, template: DatabaseTemplate): Promise<string> {
  const name = `template_${template.version.replaceAll(/[^a-z0-9_]/g, '_')}`;
  const found = await client.query(`select from pg_database where datname = $1`, [name]);
  if (found.rowCount === 1) return name;
  const unfinished = `${name}_unfinished`;
  await client.query(`drop database if exists "${unfinished}" with (force)`);
  await client.query(`create database "${unfinished}"`);
  await template.migrate(urlOf(databaseUrl, unfinished));
  await client.query(`alter database "${unfinished}" rename to "${name}"`);
  return name;
}

async function drop(databaseUrl: string, name: string): Promise<void> {
  await connected(databaseUrl, async (client) => {
    await client.query(`drop database if exists "${name}" with (force)`);
  });
}

async function query(url: string, sql: string, values: readonly unknown[] = []): Promise<readonly unknown[]> {
  return connected(url, async (client) => (await client.query<Record<string, unknown>>(sql, [...values])).rows);
}

async function connected<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(databaseUrl: string, database: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${database}`;
  return url.href;
}
