import { blockTime, encodeAudit, encodeOffsets, type ComponentStatus, type Coverage } from '@hybrid-sync/domain';
import { toBytes } from './hex-bytes.js';
import type { Queryable } from './queryable.js';

/** Where a status was read from. Times are those of records, in milliseconds since the epoch. */
export interface StatusOrigin {
  readonly offset: number;
  /** Of this status. */
  readonly timestamp: number;
  /** Of the first status in a row that says the same of `syncing`, as far as it was read together with this one. */
  readonly syncingSince: number;
  /** Of the first status whose coverage ends in the same block, as far as it was read together with this one. */
  readonly coveredSince: number;
  /** The revocation topic that the status speaks of. */
  readonly revocationTopic: string;
  /** Which incarnation of it, where the ingester says so: a claim about another than the active generation's says nothing. */
  readonly topicIncarnation: string | null;
}

/** Keeps the last word of a component. A time that lies in the future counts as now. */
export async function upsertComponentStatus(
  db: Queryable,
  status: ComponentStatus,
  origin: StatusOrigin,
): Promise<void> {
  const { component, deployment, head, finalized, syncing, finalityViolation, audit } = status;
  await db.query(
    `insert into component_status as known (
       component, chain_id, contract, start_block, head_number, head_timestamp, finalized_number,
       syncing, finality_violation, heartbeat_at, synced_at, audit
     )
     values (
       $1, $2, $3, $4, $5, $6, $7, $8, $9,
       least(to_timestamp($10::double precision / 1000), now()),
       case when $8::boolean then null else least(to_timestamp($11::double precision / 1000), now()) end,
       $12::jsonb
     )
     on conflict (component) do update set
       chain_id = excluded.chain_id,
       contract = excluded.contract,
       start_block = excluded.start_block,
       head_number = excluded.head_number,
       head_timestamp = excluded.head_timestamp,
       finalized_number = excluded.finalized_number,
       syncing = excluded.syncing,
       finality_violation = excluded.finality_violation,
       heartbeat_at = excluded.heartbeat_at,
       audit = excluded.audit,
       synced_at = case when known.syncing then coalesce(excluded.synced_at, known.synced_at) else known.synced_at end`,
    [
      component,
      deployment.chainId,
      toBytes(deployment.contract),
      deployment.startBlock,
      head.number,
      blockTime(head.timestamp),
      finalized.number,
      syncing,
      finalityViolation === null ? null : JSON.stringify(finalityViolation),
      origin.timestamp,
      origin.syncingSince,
      audit === null ? null : JSON.stringify(encodeAudit(audit)),
    ],
  );
}

/**
 * Keeps a claim of coverage unless the newest one says the same. A block that was claimed before was first heard of
 * then, so that repeating a claim never makes it younger.
 */
export async function insertCoverageClaim(
  db: Queryable,
  component: ComponentStatus['component'],
  coverage: Coverage,
  origin: StatusOrigin,
): Promise<void> {
  await db.query(
    `insert into coverage_claims (
       component, status_offset, topic, covered_from, covered_to, covered_to_hash, covered_to_timestamp,
       offsets, received_at, settled_to, topic_incarnation
     )
     select
       $1, $2, $3, $4::bigint, $5::bigint, $6::bytea, $7::timestamptz, $8::jsonb,
       coalesce(
         (select min(received_at) from coverage_claims where component = $1 and covered_to_hash = $6),
         least(to_timestamp($9::double precision / 1000), now())
       ),
       $10::bigint, $11::text
     where not exists (
       select 1 from (
         select * from coverage_claims where component = $1 order by claim desc limit 1
       ) newest
       where (newest.covered_from, newest.covered_to, newest.covered_to_hash, newest.settled_to, newest.offsets, newest.topic)
         = ($4::bigint, $5::bigint, $6::bytea, $10::bigint, $8::jsonb, $3)
         and newest.topic_incarnation is not distinct from $11
     ) and (select count(partition::integer + next_offset::bigint) from jsonb_each_text($8) as claimed (partition, next_offset)) >= 0`,
    [
      component,
      origin.offset,
      origin.revocationTopic,
      coverage.coveredFrom,
      coverage.coveredTo,
      toBytes(coverage.coveredToHash),
      blockTime(coverage.coveredToTimestamp),
      JSON.stringify(encodeOffsets(coverage.offsets)),
      origin.coveredSince,
      coverage.settledTo,
      origin.topicIncarnation,
    ],
  );
}

/** Drops the claims that a newer one, whose records have all been applied, has taken the place of. */
export async function pruneCoverageClaims(db: Queryable): Promise<void> {
  await db.query(
    `delete from coverage_claims old
     using applied_coverage applied
     where old.component = applied.component and old.claim < applied.claim`,
  );
}
