import type { TestConnection } from '@hybrid-sync/devstack';
import { revocationKey } from '@hybrid-sync/domain';
import type { RevocationTopic } from './revocation-topic.js';
import { untilTrue } from './until-true.js';

/** Where rows are to appear, one for each revocation. */
export interface RowSource {
  readonly table: string;
  /** Finds the rows of these revocations by an index: they are the last of their partitions. */
  readonly lastRows: (topic: RevocationTopic) => { readonly where: string; readonly values: readonly unknown[] };
}

const patienceSeconds = 900;

/** Partitions are read in order, so with the last row of each all of them are there. */
export async function untilLastRows(
  connection: TestConnection,
  { table, lastRows }: RowSource,
  topic: RevocationTopic,
): Promise<void> {
  const { where, values } = lastRows(topic);
  const text = `select count(*)::integer as found from ${table} where ${where}`;
  const found = async (): Promise<boolean> =>
    (await connection.query(text, values))[0]?.['found'] === topic.last.length;
  await untilTrue('every row is there', found, patienceSeconds);
}

/** As the projector's views have them. */
export const projectedRows: RowSource = {
  table: 'revoked_signatures',
  // Key by key: a join with a list of them reads the whole of a table that the server knows nothing of yet.
  lastRows: ({ last }) => ({
    where: last.map((_, index) => `(lock_id = $${2 * index + 1} and signature_hash = $${2 * index + 2})`).join(' or '),
    values: last.flatMap(({ lockId, signatureHash }) => [String(lockId), bytesOf(signatureHash)]),
  }),
};

/** As the sink writes them into a table of its own. */
export function sunkRows(table: string): RowSource {
  return { table, lastRows: ({ last }) => ({ where: 'id = any($1::text[])', values: [last.map(revocationKey)] }) };
}

export async function requireRows(connection: TestConnection, { table }: RowSource, expected: number): Promise<void> {
  const rows = await countRows(connection, table);
  if (rows !== expected) throw new Error(`${String(rows)} rows of ${expected} records`);
}

/** For what ends with another number of rows than it has records. */
export async function untilRows(connection: TestConnection, { table }: RowSource, expected: number): Promise<void> {
  const isSo = async (): Promise<boolean> => (await countRows(connection, table)) === expected;
  await untilTrue(`${expected} rows are there`, isSo, patienceSeconds);
}

async function countRows(connection: TestConnection, table: string): Promise<unknown> {
  return (await connection.query(`select count(*)::integer as rows from ${table}`))[0]?.['rows'];
}

function bytesOf(hex: string): string {
  return `\\x${hex.slice(2)}`;
}
