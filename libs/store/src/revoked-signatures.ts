import { blockTime, type RevocationIdentity, type RevokedRecord, type Source } from '@hybrid-sync/domain';
import { toBytes } from './hex-bytes.js';
import type { Slot } from './generations.js';
import type { Queryable } from './queryable.js';

/** A live revocation, as the projector folds it. */
export interface RevocationRow {
  readonly record: RevokedRecord;
  readonly partition: number;
  readonly source: Source;
}

/** Revocations as the statement takes them: one array or run of bytes for each column. */
export interface PackedRevocations {
  readonly count: number;
  readonly columns: readonly unknown[];
}

/** To be done before a transaction is begun: it takes longer than the server takes to answer. */
export function packRevocations(rows: readonly RevocationRow[]): PackedRevocations {
  return { count: rows.length, columns: columns(rows) };
}

/**
 * Inserts revocations; a key that is there already takes over what the record says, and is left alone where it says the
 * same: the last record wins, also one that tells the same log otherwise. No key may come twice in one call.
 */
export async function upsertRevocations(
  db: Queryable,
  slot: Slot,
  { count, columns }: PackedRevocations,
): Promise<void> {
  if (count === 0) return;
  await db.query(
    `insert into revocations_${slot} as live (
       lock_id, signature_hash, revoked_by, transaction_hash, block_number, revoked_at,
       block_hash, log_index, partition, first_published_by
     )
     select
       lock_id, substring($2::bytea from n::integer * 32 - 31 for 32), substring($3::bytea from n::integer * 20 - 19 for 20),
       substring($4::bytea from n::integer * 32 - 31 for 32), block_number, revoked_at,
       substring($5::bytea from n::integer * 32 - 31 for 32), log_index, partition, first_published_by
     from unnest($1::numeric[], $6::bigint[], $7::timestamptz[], $8::integer[], $9::smallint[], $10::"char"[])
       with ordinality as given (lock_id, block_number, revoked_at, log_index, partition, first_published_by, n)
     on conflict (signature_hash, lock_id) do update set
       revoked_by = excluded.revoked_by,
       transaction_hash = excluded.transaction_hash,
       block_number = excluded.block_number,
       revoked_at = excluded.revoked_at,
       block_hash = excluded.block_hash,
       log_index = excluded.log_index
     where (live.block_hash, live.log_index, live.block_number, live.revoked_at, live.transaction_hash, live.revoked_by)
       is distinct from (
         excluded.block_hash, excluded.log_index, excluded.block_number, excluded.revoked_at,
         excluded.transaction_hash, excluded.revoked_by
       )`,
    columns,
  );
}

/** Deletes the revocations that are there; the others do not matter. */
export async function deleteRevocations(db: Queryable, slot: Slot, keys: readonly RevocationIdentity[]): Promise<void> {
  if (keys.length === 0) return;
  await db.query(
    `delete from revocations_${slot} live
     using unnest($1::numeric[], $2::bytea[]) as gone (lock_id, signature_hash)
     where live.lock_id = gone.lock_id and live.signature_hash = gone.signature_hash`,
    [keys.map((key) => key.lockId.toString()), keys.map((key) => toBytes(key.signatureHash))],
  );
}

/** Bytes of a fixed length come one after the other: arrays of them cost the client three times as much, and the server more. */
function columns(rows: readonly RevocationRow[]): readonly unknown[] {
  return [
    arrayOf(rows, ({ record }) => record.lockId),
    packed(rows, 32, ({ record }) => record.signatureHash),
    packed(rows, 20, ({ record }) => record.owner),
    packed(rows, 32, ({ record }) => record.transactionHash),
    packed(rows, 32, ({ record }) => record.blockHash),
    arrayOf(rows, ({ record }) => record.blockNumber),
    arrayOf(rows, ({ record }) => blockTime(record.blockTimestamp)),
    arrayOf(rows, ({ record }) => record.logIndex),
    arrayOf(rows, ({ partition }) => partition),
    arrayOf(rows, ({ source }) => letterOf[source]),
  ];
}

/** As Postgres writes an array of what needs no quotes. */
function arrayOf(rows: readonly RevocationRow[], of: (row: RevocationRow) => bigint | number | string): string {
  return `{${rows.map(of).join(',')}}`;
}

function packed(rows: readonly RevocationRow[], size: number, of: (row: RevocationRow) => string): Buffer {
  const bytes = Buffer.alloc(rows.length * size);
  for (const [index, row] of rows.entries()) bytes.write(of(row).slice(2), index * size, size, 'hex');
  return bytes;
}

const letterOf = { realtime: 'r', batch: 'b', 'force-sync': 'f' } as const satisfies Record<Source, string>;
