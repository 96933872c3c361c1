import pg from 'pg';
import type { Database } from './database.js';
import type { Queryable } from './queryable.js';

/** Names of roles that are there already; null where the services connect as the owner of the tables. */
export interface Roles {
  readonly projector: string | null;
  readonly query: string | null;
}

/**
 * Gives the roles what their services need, and takes everything else in the schema from them; to be done after each
 * migration, as the owner. Resolves with the statements that the owner may not run and an administrator has to.
 */
export function grantRoles(database: Pick<Database, 'transaction'>, roles: Roles): Promise<readonly string[]> {
  return database.transaction(async (transaction) => {
    if (roles.projector !== null) await grantProjector(transaction, roles.projector);
    if (roles.query === null) return [];
    await grantQuery(transaction, roles.query);
    return limitQuery(transaction, roles.query);
  });
}

/** Of these the projector writes rows. */
const written = [
  ...['revocations_a', 'revocations_b', 'seal_a', 'seal_b', 'slot_counts', 'retractions', 'recorded_entries'],
  ...['generations', 'active_generation', 'applied_offsets', 'topic_incarnations', 'topic_faults', 'dead_letters'],
  ...['component_status', 'coverage_claims', 'backfills'],
];
const views = ['revoked_signatures', 'revocation_counts', 'signature_entries', 'applied_coverage', 'rebuild_progress'];
/** A generation, once begun, is never forgotten, nor are entries and dead letters. */
const deleted = [
  ...['revocations_a', 'revocations_b', 'slot_counts', 'retractions'],
  ...['applied_offsets', 'topic_faults', 'coverage_claims'],
];
const emptied = ['revocations_a', 'revocations_b', 'seal_a', 'seal_b'];
const inserted = written.filter((table) => table !== 'active_generation');

async function grantProjector(transaction: Queryable, name: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  await revokeAll(transaction, name);
  await transaction.query(`grant select on schema_migrations, ${[...written, ...views].join()} to ${role}`);
  await transaction.query(`grant update on ${written.join()} to ${role}`);
  await transaction.query(`grant insert on ${inserted.join()} to ${role}`);
  await transaction.query(`grant delete on ${deleted.join()} to ${role}`);
  await transaction.query(`grant truncate on ${emptied.join()} to ${role}`);
  await transaction.query(
    `grant execute on function drop_secondary_indexes(slot), create_secondary_indexes(slot) to ${role}`,
  );
}

async function grantQuery(transaction: Queryable, name: string): Promise<void> {
  await revokeAll(transaction, name);
  await transaction.query(
    `grant select on schema_migrations, ${[...written, ...views].join()} to ${pg.escapeIdentifier(name)}`,
  );
}

/** Nobody makes anything in the schema or temporary tables but the owner: Postgres lets everybody, unless told. */
async function revokeAll(transaction: Queryable, name: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  const { rows } = await transaction.query<{ database: string }>(`select current_database() as database`);
  const database = pg.escapeIdentifier(rows[0]?.database ?? '');
  await transaction.query(`revoke create on schema public from public, ${role}`);
  await transaction.query(`revoke create, temporary on database ${database} from public, ${role}`);
  await transaction.query(`revoke all on all tables in schema public from ${role}`);
  await transaction.query(`revoke all on all functions in schema public from ${role}`);
  await transaction.query(`grant usage on schema public to ${role}`);
}

/** Above what query-api allows its own statements: for people who use its role. */
const querySettings = { default_transaction_read_only: 'on', statement_timeout: '10s' };

async function limitQuery(transaction: Queryable, name: string): Promise<readonly string[]> {
  const { rows } = await transaction.query<{ database: string }>(`select current_database() as database`);
  const database = pg.escapeIdentifier(rows[0]?.database ?? '');
  const statements = Object.entries(querySettings).map(
    ([setting, value]) => `alter role ${pg.escapeIdentifier(name)} in database ${database} set ${setting} = '${value}'`,
  );
  const refused: string[] = [];
  for (const statement of statements) {
    if (!(await isAllowed(transaction, statement))) refused.push(statement);
  }
  return refused;
}

const insufficientPrivilege = '42501';

async function isAllowed(transaction: Queryable, statement: string): Promise<boolean> {
  await transaction.query('savepoint setting');
  try {
    await transaction.query(statement);
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === insufficientPrivilege)) throw error;
    await transaction.query('rollback to savepoint setting');
    return false;
  }
}
