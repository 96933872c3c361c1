import type { BackfillStatus } from '@hybrid-sync/domain';
import type { Queryable } from './queryable.js';

/** When statuses of a command were written to their topic, in milliseconds since the epoch. */
export interface BackfillTimes {
  /** The first one; counts where the command was not known before. */
  readonly startedAt: number;
  readonly updatedAt: number;
}

export async function upsertBackfill(db: Queryable, status: BackfillStatus, times: BackfillTimes): Promise<void> {
  const { commandId, state, fromBlock, toBlock, nextBlock, published, retracted, reason } = status;
  await db.query(
    `insert into backfills as known (
       command_id, state, from_block, to_block, next_block, published, retracted, reason, started_at, updated_at
     )
     values (
       $1, $2, $3, $4, $5, $6, $7, $8,
       to_timestamp($9::double precision / 1000), to_timestamp($10::double precision / 1000)
     )
     on conflict (command_id) do update set
       state = excluded.state,
       next_block = excluded.next_block,
       published = excluded.published,
       retracted = excluded.retracted,
       reason = excluded.reason,
       updated_at = excluded.updated_at`,
    [commandId, state, fromBlock, toBlock, nextBlock, published, retracted, reason, times.startedAt, times.updatedAt],
  );
}

export interface StoredBackfill extends Omit<BackfillStatus, 'offsets'> {
  readonly startedAt: Date;
  readonly updatedAt: Date;
}

interface BackfillRow {
  readonly command_id: string;
  readonly state: BackfillStatus['state'];
  readonly from_block: string;
  readonly to_block: string;
  readonly next_block: string;
  readonly published: string;
  readonly retracted: string;
  readonly reason: string | null;
  readonly started_at: Date;
  readonly updated_at: Date;
}

/** Null where no ingester has taken the command up yet. */
export async function findBackfill(db: Queryable, commandId: string): Promise<StoredBackfill | null> {
  const { rows } = await db.query<BackfillRow>(
    `select command_id, state, from_block, to_block, next_block, published, retracted, reason, started_at, updated_at
     from backfills where command_id = $1::uuid`,
    [commandId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    commandId: row.command_id,
    state: row.state,
    fromBlock: Number(row.from_block),
    toBlock: Number(row.to_block),
    nextBlock: Number(row.next_block),
    published: Number(row.published),
    retracted: Number(row.retracted),
    reason: row.reason,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
  };
}
