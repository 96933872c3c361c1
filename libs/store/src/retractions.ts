import type { RetractedRecord, RevocationIdentity } from '@hybrid-sync/domain';
import { toBytes } from './hex-bytes.js';
import type { Queryable } from './queryable.js';

/** One record that took a revocation back. A tombstone and a malformed record say nothing of the log. */
export interface RetractionRow extends RevocationIdentity {
  readonly partition: number;
  readonly offset: number;
  readonly reason: RetractedRecord['reason'] | 'tombstone' | 'malformed';
  readonly log: Pick<RetractedRecord, 'blockNumber' | 'blockHash' | 'transactionHash' | 'logIndex'> | null;
}

/**
 * Idempotent by incarnation, partition and offset.
 * @param incarnation of the revocation topic; empty where it is not known
 */
export async function insertRetractions(
  db: Queryable,
  incarnation: string,
  rows: readonly RetractionRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into retractions (
       incarnation, partition, record_offset, lock_id, signature_hash, reason,
       block_number, block_hash, transaction_hash, log_index
     )
     select $10, * from unnest(
       $1::smallint[], $2::bigint[], $3::numeric[], $4::bytea[], $5::text[],
       $6::bigint[], $7::bytea[], $8::bytea[], $9::integer[]
     )
     on conflict (incarnation, partition, record_offset) do nothing`,
    [
      rows.map((row) => row.partition),
      rows.map((row) => row.offset),
      rows.map((row) => row.lockId.toString()),
      rows.map((row) => toBytes(row.signatureHash)),
      rows.map((row) => row.reason),
      rows.map(({ log }) => log?.blockNumber ?? null),
      rows.map(({ log }) => (log === null ? null : toBytes(log.blockHash))),
      rows.map(({ log }) => (log === null ? null : toBytes(log.transactionHash))),
      rows.map(({ log }) => log?.logIndex ?? null),
      incarnation,
    ],
  );
}

/** Takes out what a record did while it could not be read. */
export async function forgetMalformed(
  db: Queryable,
  { incarnation, partition, offset }: Pick<RetractionRow, 'partition' | 'offset'> & { readonly incarnation: string },
): Promise<void> {
  await db.query(
    `delete from retractions
     where incarnation = $1 and partition = $2::smallint and record_offset = $3::bigint and reason = 'malformed'`,
    [incarnation, partition, offset],
  );
}
