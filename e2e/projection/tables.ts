import { z } from 'zod';

/** Runs one statement. */
export type Query = (sql: string, values?: readonly unknown[]) => Promise<readonly unknown[]>;

const hex = (column: string): string => `'0x' || encode(${column}, 'hex') as ${column}`;
const text = (column: string): string => `${column}::text as ${column}`;
const time = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;
const columns = (...all: readonly string[]): string => all.join(', ');

const log = [hex('transaction_hash'), text('block_number'), hex('block_hash'), text('log_index'), text('partition')];
const identity = [text('lock_id'), hex('signature_hash')];

/** What each table or view says, bytes as hex, numbers as text, times in ISO 8601; without keys that are made up. */
const selects = {
  revoked_signatures: columns(
    ...identity,
    'signature',
    hex('revoked_by'),
    time('revoked_at'),
    ...log,
    text('first_published_by'),
  ),
  revocation_counts: columns(text('partition'), text('first_published_by'), text('revocations')),
  retractions: columns(...identity, ...log, text('record_offset'), 'reason', 'incarnation'),
  dead_letters: columns(
    'topic',
    text('partition'),
    text('record_offset'),
    `encode(key, 'hex') as key`,
    'revocation_key',
    `encode(value, 'hex') as value`,
    'headers',
    'reason',
    'resolution',
    'incarnation',
  ),
  signature_entries: columns(
    text('id'),
    text('lock_id'),
    'signature',
    'public_key',
    hex('owner'),
    'message',
    text('was_revoked'),
    hex('transaction_hash'),
    text('block_number'),
    time('timestamp'),
    'metadata',
  ),
  component_status: columns(
    'component',
    text('chain_id'),
    hex('contract'),
    text('start_block'),
    text('head_number'),
    time('head_timestamp'),
    text('finalized_number'),
    text('syncing'),
    time('heartbeat_at'),
    time('synced_at'),
    'audit',
  ),
  applied_coverage: columns(
    'component',
    text('covered_from'),
    text('covered_to'),
    hex('covered_to_hash'),
    time('covered_to_timestamp'),
    text('settled_to'),
    text('contradicted'),
  ),
  backfills: columns(
    text('command_id'),
    'state',
    text('from_block'),
    text('to_block'),
    text('next_block'),
    text('published'),
    text('retracted'),
    'reason',
    time('started_at'),
    time('updated_at'),
  ),
} as const;

export type TableName = keyof typeof selects;

/** Facts about the topic that is folded, and not about one that it has taken the place of. */
const ofPresentTopic = `incarnation = (
  select coalesce(g.topic_incarnation, '') from generations g join active_generation using (generation)
)`;

const conditions: Readonly<Partial<Record<TableName, string>>> = {
  retractions: ofPresentTopic,
  dead_letters: `topic not like '%.signature-revocations.v1' or ${ofPresentTopic}`,
};

const textRow = z.record(z.string(), z.union([z.string(), z.null()]));
const mixedRow = z.record(z.string(), z.unknown());

/** Rows of a table whose columns are all text, by what the function gives. Throws where two rows have the same key. */
export async function textRows(
  query: Query,
  table: TableName,
  keyOf: (row: z.infer<typeof textRow>) => string,
): Promise<ReadonlyMap<string, z.infer<typeof textRow>>> {
  return keyed(table, z.array(textRow).parse(await query(statement(table))), keyOf);
}

/** As {@link textRows}, where a column is JSON. */
export async function mixedRows(
  query: Query,
  table: TableName,
  keyOf: (row: z.infer<typeof mixedRow>) => string,
): Promise<ReadonlyMap<string, z.infer<typeof mixedRow>>> {
  return keyed(table, z.array(mixedRow).parse(await query(statement(table))), keyOf);
}

function statement(table: TableName): string {
  return `select ${selects[table]} from ${table} where ${conditions[table] ?? 'true'}`;
}

/** Dead letters of a topic that is not there any more, which nobody has resolved. */
export const leftBehind = `
  select topic, partition, record_offset from dead_letters
  where resolved_at is null and topic like '%.signature-revocations.v1' and not ${ofPresentTopic}`;

function keyed<R>(table: string, rows: readonly R[], keyOf: (row: R) => string): ReadonlyMap<string, R> {
  const byKey = new Map(rows.map((one) => [keyOf(one), one]));
  if (byKey.size !== rows.length) throw new Error(`${table} has a key twice`);
  return byKey;
}

const offsetRow = z.object({ topic: z.string(), partition: z.number(), next_offset: z.coerce.number() });

/** `topic/partition` to the next offset: of the generation that is served, and of the topics that have none. */
export async function appliedOffsets(query: Query): Promise<ReadonlyMap<string, number>> {
  const rows = await query(
    `select topic, partition, next_offset from applied_offsets
     where generation = 0 or generation = (select generation from active_generation)`,
  );
  return new Map(
    z
      .array(offsetRow)
      .parse(rows)
      .map(({ topic, partition, next_offset: next }) => [`${topic}/${partition}`, next]),
  );
}
