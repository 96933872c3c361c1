import { blockTime, type RevocationIdentity, type RevokedRecord, type Source } from '@hybrid-sync/domain';
import type { Slot } from './generations.js';
import type { Queryable } from './queryable.js';

/** A live revocation, as the projector folds it. */
export interface RevocationRow {
  readonly record: RevokedRecord;
  readonly partition: number;
  readonly source: Source;
}

/**
 * Inserts revocations; a key that is there already takes the log over, and only where it is another log. No key may
 * come twice in one call.
 */
export async function upsertRevocations(db: Queryable, slot: Slot, rows: readonly RevocationRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into revocations_${slot} as live (
       lock_id, signature_hash, revoked_by, transaction_hash, block_number, revoked_at,
       block_hash, log_index, partition, first_published_by
     )
     select * from unnest(
       $1::numeric[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[], $6::timestamptz[],
       $7::bytea[], $8::integer[], $9::smallint[], $10::"char"[]
     )
     on conflict (signature_hash, lock_id) do update set
       revoked_by = excluded.revoked_by,
       transaction_hash = excluded.transaction_hash,
       block_number = excluded.block_number,
       revoked_at = excluded.revoked_at,
       block_hash = excluded.block_hash,
       log_index = excluded.log_index
     where (live.block_hash, live.log_index) is distinct from (excluded.block_hash, excluded.log_index)`,
    columns(rows),
  );
}

/** Deletes the revocations that are there; the others do not matter. */
export async function deleteRevocations(db: Queryable, slot: Slot, keys: readonly RevocationIdentity[]): Promise<void> {
  if (keys.length === 0) return;
  await db.query(
    `delete from revocations_${slot} live
     using unnest($1::numeric[], $2::bytea[]) as gone (lock_id, signature_hash)
     where live.lock_id = gone.lock_id and live.signature_hash = gone.signature_hash`,
    [list(keys.map((key) => key.lockId)), list(keys.map((key) => bytes(key.signatureHash)))],
  );
}

/** As array literals: that the driver writes them from lists of buffers takes three times as long. */
function columns(rows: readonly RevocationRow[]): readonly string[] {
  return [
    list(rows.map(({ record }) => record.lockId)),
    list(rows.map(({ record }) => bytes(record.signatureHash))),
    list(rows.map(({ record }) => bytes(record.owner))),
    list(rows.map(({ record }) => bytes(record.transactionHash))),
    list(rows.map(({ record }) => record.blockNumber)),
    list(rows.map(({ record }) => `"${blockTime(record.blockTimestamp)}"`)),
    list(rows.map(({ record }) => bytes(record.blockHash))),
    list(rows.map(({ record }) => record.logIndex)),
    list(rows.map(({ partition }) => partition)),
    list(rows.map(({ source }) => letterOf[source])),
  ];
}

function list(elements: readonly (string | number | bigint)[]): string {
  return `{${elements.join()}}`;
}

/** Of `0x…` text, which holds nothing that would end the element. */
function bytes(hex: Hex): string {
  return `"\\\\x${hex.slice(2)}"`;
}

type Hex = RevokedRecord['owner' | 'signatureHash'];

const letterOf = { realtime: 'r', batch: 'b', 'force-sync': 'f' } as const satisfies Record<Source, string>;
