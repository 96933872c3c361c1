-- Up Migration

create type publisher as enum ('realtime', 'batch', 'force-sync');

-- One row per live revocation: a fold of the revocation topic, last record per key wins.
create table revoked_signatures (
  id bigint generated always as identity primary key,
  lock_id numeric(78, 0) not null check (lock_id >= 0),
  signature_hash bytea not null check (octet_length(signature_hash) = 32),
  signature text,
  revoked_by bytea not null check (octet_length(revoked_by) = 20),
  transaction_hash bytea not null check (octet_length(transaction_hash) = 32),
  block_number bigint not null check (block_number >= 0),
  revoked_at timestamptz not null,
  created_at timestamptz not null default now(),
  block_hash bytea not null check (octet_length(block_hash) = 32),
  log_index integer not null check (log_index >= 0),
  partition smallint not null check (partition >= 0),
  first_published_by publisher not null,
  unique (lock_id, signature_hash)
);

create index revoked_signatures_signature_hash on revoked_signatures (signature_hash);
create index revoked_signatures_block_number on revoked_signatures using brin (block_number);

comment on column revoked_signatures.signature is 'The signature text where it is known; the chain holds its hash only.';
comment on column revoked_signatures.revoked_at is 'Time of the block, not of this system.';
comment on column revoked_signatures.partition is 'Partition of the revocation topic that the row was folded from.';

-- Rows per partition and first publisher, kept right by triggers whoever changes the table.
create table revocation_counts (
  partition smallint not null,
  first_published_by publisher not null,
  revocations bigint not null,
  last_inserted_at timestamptz not null default now(),
  primary key (partition, first_published_by)
);

create function count_revocations() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    delete from revocation_counts;
  elsif tg_op = 'INSERT' then
    insert into revocation_counts as c (partition, first_published_by, revocations)
    select partition, first_published_by, count(*) from new_rows group by partition, first_published_by
    on conflict (partition, first_published_by) do update
    set revocations = c.revocations + excluded.revocations, last_inserted_at = excluded.last_inserted_at;
  else
    update revocation_counts c set revocations = c.revocations - gone.revocations
    from (select partition, first_published_by, count(*) as revocations from old_rows group by partition, first_published_by) gone
    where c.partition = gone.partition and c.first_published_by = gone.first_published_by;
  end if;
  return null;
end
$$;

create trigger revoked_signatures_inserted after insert on revoked_signatures
  referencing new table as new_rows for each statement execute function count_revocations();
create trigger revoked_signatures_deleted after delete on revoked_signatures
  referencing old table as old_rows for each statement execute function count_revocations();
create trigger revoked_signatures_truncated after truncate on revoked_signatures
  for each statement execute function count_revocations();

-- What was taken back, for the audit: one row per retraction record.
create table retractions (
  partition smallint not null,
  record_offset bigint not null,
  lock_id numeric(78, 0) not null,
  signature_hash bytea not null,
  block_number bigint,
  block_hash bytea,
  transaction_hash bytea,
  log_index integer,
  reason text not null,
  created_at timestamptz not null default now(),
  primary key (partition, record_offset)
);

create index retractions_lock_id_signature_hash on retractions (lock_id, signature_hash);

-- Verified signatures, for the audit trail.
create table recorded_entries (
  id uuid primary key,
  lock_id numeric(78, 0) not null check (lock_id >= 0),
  signature text not null,
  signature_hash bytea not null check (octet_length(signature_hash) = 32),
  public_key bytea,
  owner bytea,
  message text,
  transaction_hash bytea,
  block_number bigint,
  timestamp timestamptz not null,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create index recorded_entries_lock_id on recorded_entries (lock_id);

-- was_revoked follows from the revocations, so that it is right whichever of the two came first.
create view signature_entries as
select
  e.id, e.lock_id, e.signature, e.public_key, e.owner, e.message,
  exists (
    select 1 from revoked_signatures r where r.lock_id = e.lock_id and r.signature_hash = e.signature_hash
  ) as was_revoked,
  e.transaction_hash, e.block_number, e.timestamp, e.metadata, e.created_at
from recorded_entries e;

-- The next offset to apply: moves in the same transaction as the rows, and only forward from where it stands.
create table applied_offsets (
  topic text not null,
  partition integer not null,
  next_offset bigint not null check (next_offset >= 0),
  primary key (topic, partition)
);

-- Records that cannot be applied, as they came. Unresolved ones keep "not revoked" from being said.
create table dead_letters (
  topic text not null,
  partition integer not null,
  record_offset bigint not null,
  key bytea,
  -- lockId-signatureHash where the key can be read
  revocation_key text,
  value bytea,
  headers jsonb not null,
  reason text not null,
  created_at timestamptz not null default now(),
  resolved_at timestamptz,
  primary key (topic, partition, record_offset)
);

create index dead_letters_unresolved on dead_letters (topic, revocation_key, partition) where resolved_at is null;

-- The last word of each ingester. heartbeat_at is when it was written to the topic, and never in the future.
create table component_status (
  component text primary key,
  chain_id bigint not null,
  contract bytea not null,
  start_block bigint not null,
  head_number bigint not null,
  head_timestamp timestamptz not null,
  finalized_number bigint not null,
  syncing boolean not null,
  finality_violation jsonb,
  heartbeat_at timestamptz not null,
  -- end of the last step or pass that reached the head
  synced_at timestamptz
);

-- What the ingesters claim to have published. A claim counts once the applied offsets have reached it.
create table coverage_claims (
  component text not null,
  status_offset bigint not null,
  topic text not null,
  covered_from bigint not null,
  covered_to bigint not null,
  covered_to_hash bytea not null,
  covered_to_timestamp timestamptz not null,
  settled_to bigint not null,
  offsets jsonb not null,
  received_at timestamptz not null,
  primary key (component, status_offset)
);

-- Of each ingester the newest claim whose records have all been applied. It is contradicted where a retraction that it
-- did not know of, because its offsets end below, takes back a log of its blocks: it was made on another branch, or the
-- retraction is wrong. Either way nothing is proven above the settled block until the ingester has spoken again.
create view applied_coverage as
select distinct on (c.component)
  c.component, c.status_offset, c.covered_from, c.covered_to, c.covered_to_hash, c.covered_to_timestamp, c.settled_to,
  c.received_at,
  exists (
    select 1
    from applied_offsets a
    join retractions r on r.partition = a.partition
      and r.record_offset >= coalesce((c.offsets ->> a.partition::text)::bigint, 0)
    where a.topic = c.topic and coalesce(r.block_number, 0) <= c.covered_to
  ) as contradicted
from coverage_claims c
where not exists (
  select 1
  from jsonb_each_text(c.offsets) as claimed (partition, next_offset)
  left join applied_offsets a on a.topic = c.topic and a.partition = claimed.partition::integer
  where coalesce(a.next_offset, 0) < claimed.next_offset::bigint
)
order by c.component, c.status_offset desc;

-- How far each backfill command is.
create table backfills (
  command_id uuid primary key,
  state text not null check (state in ('running', 'succeeded', 'failed')),
  from_block bigint not null,
  to_block bigint not null,
  next_block bigint not null,
  published bigint not null,
  retracted bigint not null,
  reason text,
  started_at timestamptz not null,
  updated_at timestamptz not null
);
