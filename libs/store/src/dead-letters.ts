import type { Queryable } from './queryable.js';

/** A record that cannot be applied, as it came. */
export interface DeadLetter {
  readonly topic: string;
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

/** Idempotent by topic, partition and offset. */
export async function insertDeadLetter(db: Queryable, letter: DeadLetter): Promise<void> {
  const { topic, partition, offset, key, revocationKey, value, headers, reason } = letter;
  await db.query(
    `insert into dead_letters (topic, partition, record_offset, key, revocation_key, value, headers, reason)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (topic, partition, record_offset) do nothing`,
    [topic, partition, offset, key, revocationKey, value, JSON.stringify(headers), reason],
  );
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
