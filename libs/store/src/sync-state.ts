import { hash32, wireAuditState, type AppliedCoverage, type AuditState, type Component } from '@hybrid-sync/domain';
import type { Queryable } from './queryable.js';

/** Ages in seconds, by the database's clock. */
export interface ComponentState {
  readonly startBlock: number;
  readonly headBlock: number;
  readonly finalizedBlock: number;
  readonly syncing: boolean;
  readonly finalityViolation: boolean;
  /** What its last comparison with the contract's own counts has found. */
  readonly audit: AuditState;
  readonly heartbeatAgeSeconds: number;
  /** End of its last pass. */
  readonly syncedAt: Date | null;
  /** Null while nothing that it claims to have published has been applied. */
  readonly coverage: (AppliedCoverage & { readonly ageSeconds: number }) | null;
}

/** What the read model knows of its own completeness, in one snapshot. */
export interface SyncState {
  readonly realtime: ComponentState | null;
  readonly batch: ComponentState | null;
}

interface SyncStateRow {
  readonly component: Component;
  readonly start_block: string;
  readonly head_number: string;
  readonly finalized_number: string;
  readonly syncing: boolean;
  readonly finality_violation: boolean;
  readonly audit: unknown;
  readonly heartbeat_age: number;
  readonly synced_at: Date | null;
  readonly covered_from: string | null;
  readonly covered_to: string | null;
  readonly settled_to: string | null;
  readonly contradicted: boolean | null;
  readonly covered_to_hash: string | null;
  readonly covered_to_timestamp: number | null;
  readonly coverage_age: number | null;
}

/** A block whose time lies in the future is as old as the news of it. */
export async function readSyncState(db: Queryable): Promise<SyncState> {
  const { rows } = await db.query<SyncStateRow>(
    `select
       s.component, s.start_block, s.head_number, s.finalized_number, s.syncing, s.synced_at, s.audit,
       s.finality_violation is not null as finality_violation,
       extract(epoch from now() - s.heartbeat_at)::double precision as heartbeat_age,
       c.covered_from, c.covered_to, c.settled_to, c.contradicted, '0x' || encode(c.covered_to_hash, 'hex') as covered_to_hash,
       extract(epoch from c.covered_to_timestamp)::double precision as covered_to_timestamp,
       extract(epoch from now() - least(c.covered_to_timestamp, c.received_at))::double precision as coverage_age
     from component_status s
     left join applied_coverage c on c.component = s.component`,
  );
  const states = new Map(rows.map((row) => [row.component, stateOf(row)]));
  return { realtime: states.get('ingest-realtime') ?? null, batch: states.get('ingest-batch') ?? null };
}

function stateOf(row: SyncStateRow): ComponentState {
  return {
    startBlock: Number(row.start_block),
    headBlock: Number(row.head_number),
    finalizedBlock: Number(row.finalized_number),
    syncing: row.syncing,
    finalityViolation: row.finality_violation,
    audit: wireAuditState.parse(row.audit),
    heartbeatAgeSeconds: row.heartbeat_age,
    syncedAt: row.synced_at,
    coverage: coverageOf(row),
  };
}

function coverageOf(row: SyncStateRow): ComponentState['coverage'] {
  const { covered_to_hash: hash, covered_to_timestamp: timestamp, coverage_age: age } = row;
  if (hash === null || timestamp === null || age === null) return null;
  return {
    coveredFrom: Number(row.covered_from),
    coveredTo: Number(row.covered_to),
    settledTo: Number(row.settled_to),
    contradicted: row.contradicted ?? false,
    coveredToHash: hash32.parse(hash),
    coveredToTimestamp: timestamp,
    ageSeconds: age,
  };
}
