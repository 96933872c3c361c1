import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type { Queryable } from './queryable.js';

const folder = fileURLToPath(new URL('../migrations', import.meta.url));
const table = 'schema_migrations';

/** Applies what is missing, under a lock: several processes may do this at once. Resolves with the names applied. */
export async function migrate(databaseUrl: string, log: (message: string) => void): Promise<readonly string[]> {
  const applied = await runner({
    databaseUrl,
    dir: folder,
    migrationsTable: table,
    direction: 'up',
    checkOrder: true,
    advisoryLockMode: 'wait',
    log,
  });
  return applied.map(({ name }) => name);
}

/** Throws where the database lacks a migration that this code needs. */
export async function requireSchema(db: Queryable): Promise<void> {
  const missing = await missingMigrations(db);
  if (missing.length > 0) throw new Error(`the schema lacks ${missing.join(', ')}: run the projector's migrate.js`);
}

/** Names of the migrations that this code needs and the database does not have. Newer ones in the database are fine. */
async function missingMigrations(db: Queryable): Promise<readonly string[]> {
  const needed = (await readdir(folder))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.replace(/\.sql$/, ''));
  const { rows } = await db.query<{ found: string | null }>(`select to_regclass($1) as found`, [table]);
  if (rows[0]?.found == null) return needed.sort();
  const applied = await db.query<{ name: string }>(`select name from schema_migrations`);
  const names = new Set(applied.rows.map(({ name }) => name));
  return needed.filter((name) => !names.has(name)).sort();
}
