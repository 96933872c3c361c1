import { readSignature, type SignatureEntry } from '@hybrid-sync/domain';
import { toBytes } from './hex-bytes.js';
import type { Queryable } from './queryable.js';

/** The first record of an id stands. */
export async function upsertEntries(db: Queryable, entries: readonly SignatureEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await db.query(
    `insert into recorded_entries (
       id, lock_id, signature, signature_hash, bytes_hash, public_key, owner, message, transaction_hash, block_number,
       timestamp, metadata
     )
     select
       id, lock_id, signature, signature_hash, bytes_hash, public_key, owner, message, transaction_hash, block_number,
       to_timestamp(milliseconds / 1000), metadata
     from unnest(
       $1::uuid[], $2::numeric[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::bytea[], $8::text[], $9::bytea[],
       $10::bigint[], $11::double precision[], $12::jsonb[]
     ) as entry (
       id, lock_id, signature, signature_hash, bytes_hash, public_key, owner, message, transaction_hash, block_number,
       milliseconds, metadata
     )
     on conflict (id) do nothing`,
    columns(entries),
  );
}

function columns(entries: readonly SignatureEntry[]): readonly unknown[][] {
  const hashes = entries.map(({ signature }) => hashesOf(signature));
  return [
    entries.map(({ entryId }) => entryId),
    entries.map(({ lockId }) => lockId.toString()),
    entries.map(({ signature }) => signature),
    hashes.map(([asText]) => asText),
    hashes.map(([, asBytes]) => asBytes),
    entries.map(({ publicKey }) => publicKey),
    entries.map(({ owner }) => bytesOrNull(owner)),
    entries.map(({ message }) => message),
    entries.map(({ transactionHash }) => bytesOrNull(transactionHash)),
    entries.map(({ blockNumber }) => blockNumber),
    entries.map(({ timestamp }) => timestamp),
    entries.map(({ metadata }) => JSON.stringify(metadata)),
  ];
}

function hashesOf(signature: string): readonly [Buffer, Buffer | null] {
  const reading = readSignature(signature);
  if (reading.kind === 'malformed') throw new Error(`an entry whose signature cannot be read: ${reading.reason}`);
  const [asText, asBytes] = reading.hashes;
  return [toBytes(asText), bytesOrNull(asBytes ?? null)];
}

function bytesOrNull(hex: string | null): Buffer | null {
  return hex === null ? null : toBytes(hex);
}
