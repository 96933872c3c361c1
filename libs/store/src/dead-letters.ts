import type { Queryable } from './queryable.js';

/** A record that cannot be applied, as it came. */
export interface DeadLetter {
  readonly topic: string;
  /** Of the topic: offsets count from 0 again in each. Empty where it is not known. */
  readonly incarnation: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Uint8Array | null;
  /** `lockId-signatureHash` where the key can be read. */
  readonly revocationKey: string | null;
  readonly value: Uint8Array | null;
  /** Header values in base64. */
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string;
}

/**
 * Idempotent by topic, incarnation, partition and offset.
 * @param metBy the generation whose fold met them; 0 for topics without generations
 */
export async function insertDeadLetters(db: Queryable, letters: readonly DeadLetter[], metBy = 0): Promise<void> {
  if (letters.length === 0) return;
  await db.query(
    `insert into dead_letters as known (
       topic, incarnation, partition, record_offset, key, revocation_key, value, headers, reason, met_by
     )
     select topic, incarnation, partition, record_offset, key, revocation_key, value, headers, reason, array[$10::integer]
     from unnest(
       $1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bytea[], $6::text[], $7::bytea[], $8::jsonb[], $9::text[]
     ) as letter (topic, incarnation, partition, record_offset, key, revocation_key, value, headers, reason)
     on conflict (topic, incarnation, partition, record_offset) do update set met_by = known.met_by || excluded.met_by
     where not known.met_by @> excluded.met_by`,
    [...columns(letters), metBy],
  );
}

/** Keys of one partition whose last record, below the offset, can be applied. */
export interface Superseded {
  readonly topic: string;
  readonly incarnation: string;
  readonly partition: number;
  readonly revocationKeys: readonly string[];
  readonly below: number;
}

/** Resolves the dead letters whose keys later records have told the truth of, as the active generation has read them. */
export async function supersedeDeadLetters(db: Queryable, superseded: Superseded): Promise<void> {
  const { topic, incarnation, partition, revocationKeys, below } = superseded;
  if (revocationKeys.length === 0) return;
  await db.query(
    `update dead_letters set resolved_at = now(), resolution = 'superseded', resolved_by = 'projector'
     where resolved_at is null and topic = $1 and incarnation = $2 and partition = $3
       and revocation_key = any($4::text[]) and record_offset < $5::bigint`,
    [topic, incarnation, partition, revocationKeys, below],
  );
}

/** The same for a generation that is being built: it may be ahead of the active one, so that the switch resolves them. */
export async function overtakeDeadLetters(db: Queryable, superseded: Superseded, generation: number): Promise<void> {
  const { topic, incarnation, partition, revocationKeys, below } = superseded;
  if (revocationKeys.length === 0) return;
  await db.query(
    `update dead_letters set overtaken_in = overtaken_in || $6::integer
     where topic = $1 and incarnation = $2 and partition = $3
       and revocation_key = any($4::text[]) and record_offset < $5::bigint
       and $6 = any (met_by) and $6 <> all (overtaken_in)`,
    [topic, incarnation, partition, revocationKeys, below, generation],
  );
}

/** Whether the key of any unresolved dead letter of the partition can be read: most of the time there is none to supersede. */
export async function hasOpenDeadLetters(
  db: Queryable,
  { topic, incarnation, partition }: Pick<Superseded, 'topic' | 'incarnation' | 'partition'>,
): Promise<boolean> {
  const { rows } = await db.query(
    `select from dead_letters
     where resolved_at is null and topic = $1 and incarnation = $2 and partition = $3 and revocation_key is not null
     limit 1`,
    [topic, incarnation, partition],
  );
  return rows.length > 0;
}

/** Whether there is any of the partition that the generation, which is being built, has met and may overtake. */
export async function hasDeadLettersAhead(
  db: Queryable,
  { topic, incarnation, partition }: Pick<Superseded, 'topic' | 'incarnation' | 'partition'>,
  generation: number,
): Promise<boolean> {
  const { rows } = await db.query(
    `select from dead_letters
     where topic = $1 and incarnation = $2 and partition = $3 and revocation_key is not null
       and $4 = any (met_by) and $4 <> all (overtaken_in)
     limit 1`,
    [topic, incarnation, partition, generation],
  );
  return rows.length > 0;
}

/** Where a dead letter would hide a revocation from the reader. */
export interface DeadLetterScope {
  readonly topic: string;
  readonly revocationKeys: readonly string[];
  readonly partitions: readonly number[];
}

/** Unresolved dead letters of any of the keys, or of a partition where the dead record's key cannot be read. */
export async function countDeadLettersOf(db: Queryable, scope: DeadLetterScope): Promise<number> {
  const { rows } = await db.query<{ unresolved: string }>(
    `select count(*) as unresolved from dead_letters
     where resolved_at is null and topic = $1
       and (revocation_key = any($2::text[]) or (revocation_key is null and partition = any($3::integer[])))`,
    [scope.topic, scope.revocationKeys, scope.partitions],
  );
  return Number(rows[0]?.unresolved);
}

export async function countUnresolvedDeadLetters(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ unresolved: string }>(
    `select count(*) as unresolved from dead_letters where resolved_at is null`,
  );
  return Number(rows[0]?.unresolved);
}

function columns(letters: readonly DeadLetter[]): readonly unknown[][] {
  return [
    letters.map(({ topic }) => topic),
    letters.map(({ incarnation }) => incarnation),
    letters.map(({ partition }) => partition),
    letters.map(({ offset }) => offset),
    letters.map(({ key }) => key),
    letters.map(({ revocationKey }) => revocationKey),
    letters.map(({ value }) => value),
    letters.map(({ headers }) => JSON.stringify(headers)),
    letters.map(({ reason }) => reason),
  ];
}
