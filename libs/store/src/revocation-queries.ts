import { address, hash32, type Address, type Hash32, type LockId } from '@hybrid-sync/domain';
import { toBytes } from './hex-bytes.js';
import type { Queryable } from './queryable.js';

export interface StoredRevocation {
  readonly signatureHash: Hash32;
  readonly revokedBy: Address;
  readonly revokedAt: Date;
  readonly blockNumber: number;
  readonly transactionHash: Hash32;
  readonly logIndex: number;
}

interface RevocationColumns {
  readonly signature_hash: string;
  readonly revoked_by: string;
  readonly revoked_at: Date;
  readonly block_number: string;
  readonly transaction_hash: string;
  readonly log_index: number;
}

const columns = `
  '0x' || encode(signature_hash, 'hex') as signature_hash, '0x' || encode(revoked_by, 'hex') as revoked_by,
  revoked_at, block_number, '0x' || encode(transaction_hash, 'hex') as transaction_hash, log_index`;

/** The first of the hashes that is revoked for the lock; null where none is. */
export async function findRevocation(
  db: Queryable,
  lockId: LockId,
  signatureHashes: readonly Hash32[],
): Promise<StoredRevocation | null> {
  const { rows } = await db.query<RevocationColumns>(
    `select ${columns} from revoked_signatures
     where lock_id = $1::numeric and signature_hash = any($2::bytea[])
     limit 1`,
    [lockId.toString(), signatureHashes.map(toBytes)],
  );
  return rows[0] === undefined ? null : revocationOf(rows[0]);
}

/**
 * Where a page of a list ends: the next one begins below. Until a reorg is fully applied, logs of two branches may share
 * block number and log index.
 */
export interface ListPosition {
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly signatureHash: Hash32;
}

/** Newest first. @param limit null for all */
export async function listRevocations(
  db: Queryable,
  lockId: LockId,
  { below, limit }: { readonly below: ListPosition | null; readonly limit: number | null },
): Promise<readonly StoredRevocation[]> {
  const { rows } = await db.query<RevocationColumns>(
    `select ${columns} from revoked_signatures
     where lock_id = $1::numeric
       and ($2::bigint is null or (block_number, log_index, signature_hash) < ($2::bigint, $3::integer, $4::bytea))
     order by block_number desc, log_index desc, signature_hash desc
     limit $5::bigint`,
    [
      lockId.toString(),
      below?.blockNumber ?? null,
      below?.logIndex ?? null,
      below === null ? null : toBytes(below.signatureHash),
      limit,
    ],
  );
  return rows.map(revocationOf);
}

export interface LockStats {
  readonly totalRevocations: number;
  readonly totalEntries: number;
  readonly revokedEntries: number;
}

export async function readLockStats(db: Queryable, lockId: LockId): Promise<LockStats> {
  const { rows } = await db.query<{ revocations: string; entries: string; revoked_entries: string }>(
    `select
       (select count(*) from revoked_signatures where lock_id = $1::numeric) as revocations,
       count(*) as entries,
       count(*) filter (where was_revoked) as revoked_entries
     from signature_entries
     where lock_id = $1::numeric`,
    [lockId.toString()],
  );
  const [row] = rows;
  return {
    totalRevocations: Number(row?.revocations),
    totalEntries: Number(row?.entries),
    revokedEntries: Number(row?.revoked_entries),
  };
}

function revocationOf(row: RevocationColumns): StoredRevocation {
  return {
    signatureHash: hash32.parse(row.signature_hash),
    revokedBy: address.parse(row.revoked_by),
    revokedAt: row.revoked_at,
    blockNumber: Number(row.block_number),
    transactionHash: hash32.parse(row.transaction_hash),
    logIndex: row.log_index,
  };
}
