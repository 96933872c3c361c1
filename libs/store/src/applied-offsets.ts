import type { OffsetVector } from '@hybrid-sync/domain';
import type { Queryable } from './queryable.js';

/** Whose offsets: those of a fold of the revocation topic, or of a topic without generations, where it is 0. */
export interface FoldedTopic {
  readonly generation: number;
  readonly topic: string;
}

/** The next offset to apply of every partition of the topic that anything was applied of. */
export async function readAppliedOffsets(db: Queryable, { generation, topic }: FoldedTopic): Promise<OffsetVector> {
  const { rows } = await db.query<{ partition: number; next_offset: string }>(
    `select partition, next_offset from applied_offsets where generation = $1 and topic = $2`,
    [generation, topic],
  );
  return new Map(rows.map((row) => [row.partition, Number(row.next_offset)]));
}

export interface OffsetAdvance extends FoldedTopic {
  readonly partition: number;
  readonly fromOffset: number;
  readonly nextOffset: number;
}

/**
 * `stale`: the offset does not stand at `fromOffset`, so another process has applied these records, or the generation has
 * been abandoned.
 */
export async function advanceOffset(db: Queryable, advance: OffsetAdvance): Promise<'advanced' | 'stale'> {
  const { rowCount } = await db.query(
    `insert into applied_offsets as applied (generation, topic, partition, next_offset, applied_at)
     select $1::integer, $2::text, $3::integer, $5::bigint, now()
     where ($1 = 0 or exists (select from generations where generation = $1 and state <> 'abandoned'))
       and ($4::bigint = 0 or exists (
         select from applied_offsets where generation = $1 and topic = $2 and partition = $3 and next_offset = $4
       ))
     on conflict (generation, topic, partition) do update
     set next_offset = excluded.next_offset, applied_at = excluded.applied_at
     where applied.next_offset = $4`,
    [advance.generation, advance.topic, advance.partition, advance.fromOffset, advance.nextOffset],
  );
  return rowCount === 1 ? 'advanced' : 'stale';
}

export interface StandingAtEnd extends FoldedTopic {
  readonly partitions: readonly number[];
}

/** Notes that everything that is in these partitions now has been applied. */
export async function stampCurrent(db: Queryable, { generation, topic, partitions }: StandingAtEnd): Promise<void> {
  if (partitions.length === 0) return;
  await db.query(
    `insert into applied_offsets as applied (generation, topic, partition, next_offset, current_at)
     select $1::integer, $2::text, partition, 0, now() from unnest($3::integer[]) as partition
     on conflict (generation, topic, partition) do update set current_at = excluded.current_at`,
    [generation, topic, partitions],
  );
}

/**
 * How long ago everything that was in a partition had been applied, in seconds by the database's clock; null where it
 * never was. Only partitions that anything is known of.
 */
export async function readCurrentAges(
  db: Queryable,
  { generation, topic }: FoldedTopic,
): Promise<ReadonlyMap<number, number | null>> {
  const { rows } = await db.query<{ partition: number; age: number | null }>(
    `select partition, extract(epoch from now() - current_at)::double precision as age
     from applied_offsets where generation = $1 and topic = $2`,
    [generation, topic],
  );
  return new Map(rows.map(({ partition, age }) => [partition, age]));
}
