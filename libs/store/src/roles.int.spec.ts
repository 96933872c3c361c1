import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  adoptTopic,
  advanceOffset,
  createSecondaryIndexes,
  deleteRevocations,
  dropSecondaryIndexes,
  findRevocation,
  grantRoles,
  insertCoverageClaim,
  insertDeadLetters,
  insertRetractions,
  migrate,
  pruneCoverageClaims,
  readLockStats,
  readSyncState,
  requireSchema,
  shareActiveGeneration,
  shareGeneration,
  stampCurrent,
  supersedeDeadLetters,
  upsertBackfill,
  upsertComponentStatus,
  upsertEntries,
  packRevocations,
  upsertRevocations,
  writeTopicFaults,
  type Database,
} from './index.js';
import { hashOf, lockIdOf } from '../../domain/src/testing/arbitraries.js';
import { signatureEntry } from '../../domain/src/testing/entries.js';
import { coverageOf, originOf, rowOf, statusOf } from './testing/facts.js';
import { begun, switched } from './testing/generations.js';
import { openDatabase, testStore, type TestStore } from './testing/test-store.js';

const suffix = randomBytes(6).toString('hex');
const [projectorRole, queryRole, owner] = [`Projector ${suffix}`, `query_${suffix}`, `owner_${suffix}`];

let store: TestStore;
let projector: Database;
let query: Database;
beforeAll(async () => {
  store = await testStore();
  for (const role of [projectorRole, queryRole, owner])
    await store.rows(`create role "${role}" login password 'secret'`);
  await grantRoles(store.database, { projector: projectorRole, query: queryRole });
  projector = openDatabase(urlOf(projectorRole));
  query = openDatabase(urlOf(queryRole));
});
afterAll(async () => {
  await projector.close();
  await query.close();
  for (const role of [projectorRole, queryRole, owner]) await store.rows(`drop owned by "${role}"`);
  for (const role of [projectorRole, queryRole, owner]) await store.rows(`drop role "${role}"`);
  await store.drop();
});

function urlOf(role: string): string {
  const url = new URL(store.url);
  [url.username, url.password] = [encodeURIComponent(role), 'secret'];
  return url.href;
}

const denied = { code: '42501' };
const ddl = [
  'create table another (a integer)',
  'create temporary table another (a integer)',
  'create schema another',
  'create function another() returns integer language sql return 1',
  'create index on revocations_b (revoked_by)',
  'alter table revocations_b add column another integer',
  'alter table revocations_b disable trigger user',
  'drop table revocations_b',
  'drop view revoked_signatures',
  'drop index revocations_b_key',
];

describe('the role of the projector', () => {
  it('does all that a projector and a builder do', async () => {
    const row = rowOf(7, 1);
    const letter = { topic: 'revocations', incarnation: 'first', partition: 0, offset: 3, revocationKey: 'x' };
    await requireSchema(projector);
    await adoptTopic(projector, { generation: 1, topic: 'revocations', incarnation: 'first' });
    await projector.transaction(async (transaction) => {
      const { slot, generation } = await shareActiveGeneration(transaction);
      await advanceOffset(transaction, {
        generation,
        topic: 'revocations',
        partition: 0,
        fromOffset: 0,
        nextOffset: 5,
      });
      await upsertRevocations(transaction, slot, packRevocations([row, rowOf(8, 1)]));
      await deleteRevocations(transaction, slot, [rowOf(8, 1).record]);
      await insertRetractions(transaction, 'first', [
        { ...rowOf(8, 1).record, partition: 0, offset: 4, reason: 'tombstone', log: null },
      ]);
      await insertDeadLetters(transaction, [{ ...letter, key: null, value: null, headers: {}, reason: 'x' }], 1);
      await supersedeDeadLetters(transaction, { ...letter, revocationKeys: ['x'], below: 5 });
      await upsertEntries(transaction, [signatureEntry()]);
      await upsertComponentStatus(transaction, statusOf(), originOf(0, 0));
      await insertCoverageClaim(transaction, 'ingest-realtime', coverageOf(10), originOf(0, 0));
      await pruneCoverageClaims(transaction);
      await stampCurrent(transaction, { generation, topic: 'revocations', partitions: [0] });
    });
    const commandId = '0b5d5f2e-3f0c-4a57-9b1a-0d7a1c9d2e11';
    const range = { fromBlock: 3, toBlock: 9, nextBlock: 3, published: 0, retracted: 0 };
    await upsertBackfill(
      projector,
      { commandId, state: 'running', ...range, offsets: new Map(), reason: null },
      { startedAt: 0, updatedAt: 0 },
    );
    await writeTopicFaults(projector, 'revocations', [{ setting: 'partitions', expected: '8', actual: '9' }]);
    await writeTopicFaults(projector, 'revocations', []);
    await begun(projector, { incarnation: 'second' });
    await begun(projector, { incarnation: 'third' });
    await dropSecondaryIndexes(projector, 'b');
    await projector.transaction((transaction) => shareGeneration(transaction, 3));
    await upsertRevocations(projector, 'b', packRevocations([row]));
    await createSecondaryIndexes(projector, 'b');
    await switched(projector, 3);
    expect(await findRevocation(projector, lockIdOf(7), [hashOf(1)])).not.toBeNull();
  });

  it.each([
    ...ddl,
    'delete from generations',
    'delete from dead_letters',
    'delete from recorded_entries',
    'delete from active_generation',
    `insert into active_generation (generation, slot) values (1, 'a')`,
    'truncate applied_offsets',
    'truncate dead_letters',
    `insert into schema_migrations (name, run_on) values ('x', now())`,
    `create role another_${suffix}`,
  ])('may not: %s', async (statement) => {
    await expect(projector.query(statement)).rejects.toMatchObject(denied);
  });
});

describe('the role of query-api', () => {
  it('reads all that query-api asks for', async () => {
    await requireSchema(query);
    await query.snapshot(async (snapshot) => {
      await readSyncState(snapshot);
      await findRevocation(snapshot, lockIdOf(7), [hashOf(1)]);
      await readLockStats(snapshot, lockIdOf(7));
    });
    expect((await query.query('select from revoked_signatures')).rowCount).toBe(1);
  });

  it('is read only, and its statements are limited, by default', async () => {
    const { rows } = await openedOnce(
      urlOf(queryRole),
      `select name, setting from pg_settings
      where name in ('default_transaction_read_only') order by 1`,
    );
    expect(rows).toEqual([{ name: 'default_transaction_read_only', setting: 'on' }]);
    expect(
      await store.rows(`select unnest(setconfig) as set from pg_db_role_setting s join pg_roles r on r.oid = s.setrole
        where r.rolname = '${queryRole}' order by 1`),
    ).toEqual([{ set: 'default_transaction_read_only=on' }, { set: 'statement_timeout=10s' }]);
  });

  it.each([
    ...ddl,
    'delete from revocations_a',
    'update active_generation set generation = 1',
    'truncate revocations_a',
    `insert into topic_faults (topic, setting, expected, actual) values ('x', 'x', 'x', 'x')`,
    'lock table active_generation in row exclusive mode',
    'lock table revocations_a in access exclusive mode',
    'select from share_active_generation()',
    `select drop_secondary_indexes('a')`,
    `select create_secondary_indexes('a')`,
    `select empty_slot('b')`,
    'select from generations for share',
  ])('may not, although it has switched read only off: %s', async (statement) => {
    const written = query.transaction(async (transaction) => {
      await transaction.query('set transaction read write');
      await transaction.query(statement);
    });
    await expect(written).rejects.toMatchObject(denied);
  });
});

describe('granting', () => {
  it('leaves no table and no view out, whatever a migration adds', async () => {
    const unread = `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
      and not (has_table_privilege('${projectorRole}', oid, 'select') and has_table_privilege('${queryRole}', oid, 'select'))`;
    expect(await store.rows(unread)).toEqual([]);
  });

  it('again changes nothing, and takes away what somebody gave besides', async () => {
    await store.rows(`grant delete on revocations_a to "${queryRole}"`);
    expect(await grantRoles(store.database, { projector: projectorRole, query: queryRole })).toEqual([]);
    const granted = `select grantee, table_name, privilege_type from information_schema.role_table_grants
      where grantee in ('${queryRole}', '${projectorRole}') order by 1, 2, 3`;
    const before = await store.rows(granted);
    await grantRoles(store.database, { projector: projectorRole, query: queryRole });
    expect(await store.rows(granted)).toEqual(before);
    expect(before.filter((row) => row['grantee'] === queryRole && row['privilege_type'] !== 'SELECT')).toEqual([]);
  });

  it('does nothing where no roles are named', async () => {
    expect(await grantRoles(store.database, { projector: null, query: null })).toEqual([]);
  });

  it('says which role is not there', async () => {
    await expect(grantRoles(store.database, { projector: 'nobody', query: null })).rejects.toThrow(
      'role "nobody" does not exist',
    );
  });

  it('by an owner that is no administrator says what an administrator has to do', async () => {
    const name = `owned_${suffix}`;
    await store.rows(`create database ${name} owner ${owner}`);
    const url = new URL(urlOf(owner));
    url.pathname = `/${name}`;
    await migrate(url.href, () => undefined);
    const owned = openDatabase(url.href);
    expect(await grantRoles(owned, { projector: projectorRole, query: queryRole })).toEqual([
      `alter role "${queryRole}" in database "${name}" set default_transaction_read_only = 'on'`,
      `alter role "${queryRole}" in database "${name}" set statement_timeout = '10s'`,
    ]);
    await owned.close();
    await store.rows(`drop database ${name} with (force)`);
  });
});

async function openedOnce(url: string, sql: string): Promise<{ readonly rows: readonly unknown[] }> {
  const database = openDatabase(url);
  const { rows } = await database.query(sql);
  await database.close();
  return { rows };
}
