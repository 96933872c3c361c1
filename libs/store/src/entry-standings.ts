import type { SignatureEntry } from '@hybrid-sync/domain';
import { toBytes } from './hex-bytes.js';
import type { Queryable } from './queryable.js';

/** How an entry stands to what is recorded under its id. */
export type EntryStanding = 'unknown' | 'same' | 'changed';

/** Of each entry, in their order. */
export async function readEntryStandings(
  db: Queryable,
  entries: readonly SignatureEntry[],
): Promise<readonly EntryStanding[]> {
  if (entries.length === 0) return [];
  const { rows } = await db.query<{ standing: EntryStanding }>(
    `select
       case
         when e.id is null then 'unknown'
         when (
           e.lock_id, e.signature, e.public_key, e.owner, e.message, e.transaction_hash, e.block_number, e.timestamp,
           e.metadata
         ) is distinct from (
           given.lock_id, given.signature, given.public_key, given.owner, given.message, given.transaction_hash,
           given.block_number, to_timestamp(given.milliseconds / 1000), given.metadata
         ) then 'changed'
         else 'same'
       end as standing
     from unnest(
       $1::uuid[], $2::numeric[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::bytea[],
       $8::bigint[], $9::double precision[], $10::jsonb[]
     ) with ordinality as given (
       id, lock_id, signature, public_key, owner, message, transaction_hash, block_number, milliseconds, metadata, position
     )
     left join recorded_entries e using (id)
     order by position`,
    columns(entries),
  );
  return rows.map(({ standing }) => standing);
}

function columns(entries: readonly SignatureEntry[]): readonly unknown[][] {
  return [
    entries.map(({ entryId }) => entryId),
    entries.map(({ lockId }) => lockId.toString()),
    entries.map(({ signature }) => signature),
    entries.map(({ publicKey }) => publicKey),
    entries.map(({ owner }) => owner && toBytes(owner)),
    entries.map(({ message }) => message),
    entries.map(({ transactionHash }) => transactionHash && toBytes(transactionHash)),
    entries.map(({ blockNumber }) => blockNumber),
    entries.map(({ timestamp }) => timestamp),
    entries.map(({ metadata }) => JSON.stringify(metadata)),
  ];
}
