import type { RevocationLog } from '@hybrid-sync/domain';
import pg from 'pg';
import { revocationColumns } from './bare-table.js';
import { rowOf } from './row-copy.js';

/** One prepared statement per row over one connection, as anybody would write them first; gives the milliseconds. */
export async function insertSingly(
  databaseUrl: string,
  {
    table,
    rows,
    perCommit,
  }: { readonly table: string; readonly rows: Iterable<RevocationLog>; readonly perCommit: number },
): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const places = revocationColumns.map((_, index) => `$${index + 1}`).join(', ');
  const text =
    `insert into ${table} (${revocationColumns.join(', ')}) values (${places}) ` +
    `on conflict (signature_hash, lock_id) do update set block_number = excluded.block_number`;
  const begin = performance.now();
  let open = 0;
  for (const row of rows) {
    if (open === 0 && perCommit > 1) await client.query('begin');
    await client.query({ name: 'insert', text, values: [...rowOf(row)] });
    open += 1;
    if (open < perCommit) continue;
    if (perCommit > 1) await client.query('commit');
    open = 0;
  }
  if (open > 0 && perCommit > 1) await client.query('commit');
  const milliseconds = performance.now() - begin;
  await client.end();
  return milliseconds;
}
