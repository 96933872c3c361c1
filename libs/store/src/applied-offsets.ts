import type { OffsetVector } from '@hybrid-sync/domain';
import type { Queryable } from './queryable.js';

/** The next offset to apply of every partition of the topic that anything was applied of. */
export async function readAppliedOffsets(db: Queryable, topic: string): Promise<OffsetVector> {
  const { rows } = await db.query<{ partition: number; next_offset: string }>(
    `select partition, next_offset from applied_offsets where topic = $1`,
    [topic],
  );
  return new Map(rows.map((row) => [row.partition, Number(row.next_offset)]));
}

export interface OffsetAdvance {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly nextOffset: number;
}

/** `stale`: the offset does not stand at `fromOffset`, so another process has applied these records. */
export async function advanceOffset(db: Queryable, advance: OffsetAdvance): Promise<'advanced' | 'stale'> {
  const { rowCount } = await db.query(
    `insert into applied_offsets as applied (topic, partition, next_offset)
     select $1::text, $2::integer, $4::bigint where $3::bigint = 0
       or exists (select 1 from applied_offsets where topic = $1 and partition = $2 and next_offset = $3)
     on conflict (topic, partition) do update set next_offset = excluded.next_offset
     where applied.next_offset = $3`,
    [advance.topic, advance.partition, advance.fromOffset, advance.nextOffset],
  );
  return rowCount === 1 ? 'advanced' : 'stale';
}
