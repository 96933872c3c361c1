import type { Queryable } from './queryable.js';

/** Throws where the server may lose what it has said to be committed, or more, when its machine goes down. */
export async function requireSafeServer(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    `select name from pg_settings
     where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'
     order by name`,
  );
  if (rows.length === 0) return;
  const settings = rows.map(({ name }) => name).join(' and ');
  throw new Error(
    `the database runs with ${settings} off and may lose what it has committed: switch them on, or set ALLOW_UNSAFE_DATABASE=true`,
  );
}
