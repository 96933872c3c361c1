import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '@hybrid-sync/devstack';
import { runner } from 'node-pg-migrate';
import { migrate, readAppliedOffsets, readGenerations, requireSchema, type Database } from './index.js';
import { openDatabase } from './testing/test-store.js';

const topic = 'x.signature-revocations.v1';
const quiet = (): void => undefined;

let test: TestDatabase;
let database: Database;
/** As the version before generations left it. */
beforeEach(async () => {
  test = await createDatabase();
  database = openDatabase(test.url);
  const dir = fileURLToPath(new URL('../migrations', import.meta.url));
  await runner({
    databaseUrl: test.url,
    dir,
    migrationsTable: 'schema_migrations',
    direction: 'up',
    count: 2,
    log: quiet,
  });
  await database.query(`
    insert into revoked_signatures (
      lock_id, signature_hash, revoked_by, transaction_hash, block_number, revoked_at, block_hash, log_index, partition,
      first_published_by
    )
    select n, sha256('x'), substr(sha256('x'), 1, 20), sha256('x'), n, now(), sha256('x'), 0, 3, p
    from unnest(array[1, 2, 3], enum_range(null::publisher)) as given (n, p);
    insert into applied_offsets values ('${topic}', 3, 9), ('x.sync-status.v1', 0, 5);
    insert into dead_letters (topic, partition, record_offset, headers, reason) values ('${topic}', 3, 4, '{}', 'not JSON');
    insert into retractions (partition, record_offset, lock_id, signature_hash, reason) values (3, 5, 7, sha256('x'), 'reorg');
    insert into coverage_claims
    select 'ingest-batch', n, '${topic}', 0, n, sha256('x'), now(), 0, '{}', now() from generate_series(9, 1, -1) n;
    insert into recorded_entries (id, lock_id, signature, signature_hash, public_key, timestamp)
    values (gen_random_uuid(), 1, 'text', sha256('x'), '\\x05', now())`);
});
afterEach(async () => {
  await database.close();
  await test.drop();
});

const rowsOf = async (sql: string): Promise<unknown> => (await database.query<Record<string, unknown>>(sql)).rows;

describe('the rows of the version before', () => {
  it('are the first generation, with their counts, offsets and what was put aside', async () => {
    await migrate(test.url, quiet);
    expect(await readGenerations(database)).toMatchObject([{ generation: 1, slot: 'a', state: 'active', topic: null }]);
    expect(
      await rowsOf('select lock_id, block_number, first_published_by as by from revoked_signatures order by lock_id'),
    ).toEqual([
      { lock_id: '1', block_number: '1', by: 'realtime' },
      { lock_id: '2', block_number: '2', by: 'batch' },
      { lock_id: '3', block_number: '3', by: 'force-sync' },
    ]);
    expect(await rowsOf('select first_published_by as by, revocations as n from revocation_counts order by 1')).toEqual(
      ['realtime', 'batch', 'force-sync'].map((by) => ({ by, n: '1' })),
    );
    expect(await readAppliedOffsets(database, { generation: 1, topic })).toEqual(new Map([[3, 9]]));
    expect(await readAppliedOffsets(database, { generation: 0, topic: 'x.sync-status.v1' })).toEqual(new Map([[0, 5]]));
    expect(await rowsOf('select incarnation, met_by from dead_letters')).toEqual([{ incarnation: '', met_by: [1] }]);
    expect(await rowsOf('select covered_to from applied_coverage')).toEqual([{ covered_to: '9' }]);
    expect(await rowsOf('select public_key, was_revoked from signature_entries')).toEqual([
      { public_key: '0x05', was_revoked: true },
    ]);
    expect(await rowsOf(`select signature from revoked_signatures where lock_id = 1`)).toEqual([{ signature: 'text' }]);
  });

  it('are as they were after a migration that fails half-way, and nobody starts on them; it can be done again', async () => {
    // In the way of one of its last statements.
    await database.query('create table topic_faults (a integer)');
    await expect(migrate(test.url, quiet)).rejects.toThrow('already exists');
    expect(await rowsOf(`select to_regclass('generations') as generations`)).toEqual([{ generations: null }]);
    expect(await rowsOf('select count(*)::integer as n from revoked_signatures where id is not null')).toEqual([
      { n: 3 },
    ]);
    await expect(requireSchema(database)).rejects.toThrow('the schema lacks 0003_generations');
    await database.query('drop table topic_faults');
    expect(await migrate(test.url, quiet)).toEqual(['0003_generations']);
    await requireSchema(database);
  });
});
