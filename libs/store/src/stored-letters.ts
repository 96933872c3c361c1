import type { DeadLetter } from './dead-letters.js';
import type { Queryable } from './queryable.js';

/** What became of a dead letter. `resolved`: by hand, before resolutions had names. */
export type Resolution = 'replayed' | 'dismissed' | 'superseded' | 'rebuild' | 'resolved';

/** A dead letter as the table has it, but for what may be large. */
export interface LetterSummary extends Omit<DeadLetter, 'value' | 'headers'> {
  readonly createdAt: Date;
  /** Null while it is unresolved. */
  readonly resolvedAt: Date | null;
  readonly resolution: string | null;
  readonly resolvedBy: string | null;
  readonly note: string | null;
}

/** A dead letter as the table has it. */
export interface StoredLetter extends LetterSummary, DeadLetter {}

export interface LetterFilter {
  /** Null for every topic. */
  readonly topic: string | null;
  /** Whether the resolved ones are wanted too. */
  readonly resolved: boolean;
  readonly limit: number;
}

const summaryColumns = `
  topic, incarnation, partition, record_offset, key, revocation_key, reason, created_at,
  resolved_at, resolution, resolved_by, note`;

/** The newest first. */
export async function listDeadLetters(db: Queryable, filter: LetterFilter): Promise<readonly LetterSummary[]> {
  const { rows } = await db.query<SummaryColumns>(
    `select ${summaryColumns} from dead_letters
     where ($1::text is null or topic = $1) and ($2::boolean or resolved_at is null)
     order by created_at desc, topic, incarnation, partition, record_offset desc
     limit $3::bigint`,
    [filter.topic, filter.resolved, filter.limit],
  );
  return rows.map(summaryOf);
}

export type LetterKey = Pick<DeadLetter, 'topic' | 'partition' | 'offset'>;

/** One for each incarnation of the topic that has a dead letter there, the newest first. */
export async function findDeadLetters(db: Queryable, key: LetterKey): Promise<readonly StoredLetter[]> {
  const { rows } = await db.query<LetterColumns>(
    `select ${summaryColumns}, value, headers from dead_letters
     where topic = $1 and partition = $2::integer and record_offset = $3::bigint
     order by created_at desc`,
    [key.topic, key.partition, key.offset],
  );
  return rows.map(letterOf);
}

export interface LetterResolution {
  readonly resolution: Resolution;
  readonly by: string;
  readonly note: string | null;
  /** The generation that it holds for; null where it holds for every one. */
  readonly generation: number | null;
}

/** `resolved-before`: nothing is written. A letter that was dismissed may still be replayed. */
export async function resolveDeadLetter(
  db: Queryable,
  letter: LetterKey & Pick<DeadLetter, 'incarnation'>,
  { resolution, by, note, generation }: LetterResolution,
): Promise<'resolved' | 'resolved-before'> {
  const { rowCount } = await db.query(
    `update dead_letters
     set resolved_at = now(), resolution = $5, resolved_by = $6, note = $7, resolved_in = $8::integer
     where topic = $1 and incarnation = $2 and partition = $3::integer and record_offset = $4::bigint
       and (resolved_at is null or ($5 = 'replayed' and resolution = 'dismissed'))`,
    [letter.topic, letter.incarnation, letter.partition, letter.offset, resolution, by, note, generation],
  );
  return rowCount === 1 ? 'resolved' : 'resolved-before';
}

interface SummaryColumns {
  readonly topic: string;
  readonly incarnation: string;
  readonly partition: number;
  readonly record_offset: string;
  readonly key: Buffer | null;
  readonly revocation_key: string | null;
  readonly reason: string;
  readonly created_at: Date;
  readonly resolved_at: Date | null;
  readonly resolution: string | null;
  readonly resolved_by: string | null;
  readonly note: string | null;
}

interface LetterColumns extends SummaryColumns {
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

function letterOf(row: LetterColumns): StoredLetter {
  return { ...summaryOf(row), value: row.value, headers: row.headers };
}

function summaryOf(row: SummaryColumns): LetterSummary {
  const { topic, incarnation, partition, key, reason, resolution, note } = row;
  return {
    topic,
    incarnation,
    partition,
    offset: Number(row.record_offset),
    key,
    revocationKey: row.revocation_key,
    reason,
    createdAt: row.created_at,
    resolvedAt: row.resolved_at,
    resolution,
    resolvedBy: row.resolved_by,
    note,
  };
}
