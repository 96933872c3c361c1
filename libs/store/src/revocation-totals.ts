import type { Queryable } from './queryable.js';

/** Live revocations by who published them first. */
export interface RevocationTotals {
  readonly realtime: number;
  /** By passes and by backfills. */
  readonly batch: number;
  readonly lastRealtimeAt: Date | null;
}

export async function readRevocationTotals(db: Queryable): Promise<RevocationTotals> {
  const { rows } = await db.query<{ realtime: string; batch: string; last_realtime_at: Date | null }>(
    `select
       coalesce(sum(revocations) filter (where first_published_by = 'realtime'), 0) as realtime,
       coalesce(sum(revocations) filter (where first_published_by <> 'realtime'), 0) as batch,
       max(last_inserted_at) filter (where first_published_by = 'realtime') as last_realtime_at
     from revocation_counts`,
  );
  const [row] = rows;
  return {
    realtime: Number(row?.realtime),
    batch: Number(row?.batch),
    lastRealtimeAt: row?.last_realtime_at ?? null,
  };
}

/** Revocations in blocks above the given one. @param block the last block that a batch pass has covered */
export async function countRevocationsAbove(db: Queryable, block: number): Promise<number> {
  const { rows } = await db.query<{ pending: string }>(
    `select count(*) as pending from revoked_signatures where block_number > $1::bigint`,
    [block],
  );
  return Number(rows[0]?.pending);
}
