import { z } from 'zod';
import type { TopicRecord } from '../topic-client.js';
import { letterOf, type ExpectedLetter } from './expected-revocations.js';
import { jsonOf } from './revocation-value.js';

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const block = z.strictObject({ number: z.int(), hash, timestamp: z.iso.datetime() });
const component = z.looseObject({
  schemaVersion: z.literal(1),
  kind: z.literal('component'),
  component: z.enum(['ingest-realtime', 'ingest-batch']),
  chainId: z.int(),
  contract: z.string(),
  startBlock: z.int(),
  head: block,
  finalized: block,
  syncing: z.boolean(),
  coveredFrom: z.int().nullable(),
  coveredTo: z.int().nullable(),
  coveredToHash: hash.nullable(),
  coveredToTimestamp: z.iso.datetime().nullable(),
  settledTo: z.int().nullable(),
  offsets: z.record(z.string(), z.int()),
  audit: z.unknown(),
});
const backfill = z.looseObject({
  kind: z.literal('backfill'),
  commandId: z.uuid(),
  state: z.string(),
  fromBlock: z.int(),
  toBlock: z.int(),
  nextBlock: z.int(),
  published: z.int(),
  retracted: z.int(),
  reason: z.string().nullable(),
});
const status = z.discriminatedUnion('kind', [component, backfill]);
type ComponentValue = z.infer<typeof component>;
type BackfillValue = z.infer<typeof backfill>;

/** Columns as text, times in ISO 8601. */
type Row = Readonly<Record<string, string | null>>;

export interface ExpectedClaim {
  /** What `applied_coverage` says of it. */
  readonly row: Row;
  readonly offsets: Readonly<Record<string, number>>;
  readonly coveredTo: number;
}

export interface ExpectedStatuses {
  readonly components: ReadonlyMap<string, Row>;
  /** Of each component, in topic order. */
  readonly claims: ReadonlyMap<string, readonly ExpectedClaim[]>;
  /** Components whose last word was that nothing is covered: which claim before it is known, batches decide. */
  readonly silent: ReadonlySet<string>;
  readonly backfills: ReadonlyMap<string, Row>;
  readonly letters: ReadonlyMap<string, ExpectedLetter>;
}

/** The last word of each component and command. */
export function expectedStatuses(records: readonly TopicRecord[], topic: string): ExpectedStatuses {
  const fold = new Fold();
  for (const record of records) {
    const value = status.safeParse(jsonOf(record.value)).data;
    const about = value?.kind === 'component' ? value.component : value?.commandId;
    if (value === undefined || String(record.key) !== about)
      fold.letters.set(`${record.partition}/${record.offset}`, letterOf(topic, record));
    else if (value.kind === 'component') fold.component(value, record);
    else fold.backfill(value, record);
  }
  return fold;
}

class Fold implements ExpectedStatuses {
  readonly components = new Map<string, Row>();
  readonly claims = new Map<string, readonly ExpectedClaim[]>();
  readonly silent = new Set<string>();
  readonly backfills = new Map<string, Row>();
  readonly letters = new Map<string, ExpectedLetter>();

  component(value: ComponentValue, { timestamp }: TopicRecord): void {
    const said = timeOf(timestamp);
    const before = this.components.get(value.component);
    // The end of a pass is where `syncing` turns false.
    const hasEnded = !value.syncing && before?.['syncing'] !== 'false';
    this.components.set(value.component, {
      component: value.component,
      chain_id: String(value.chainId),
      contract: value.contract,
      start_block: String(value.startBlock),
      head_number: String(value.head.number),
      head_timestamp: timeOf(value.head.timestamp),
      finalized_number: String(value.finalized.number),
      syncing: String(value.syncing),
      heartbeat_at: said,
      synced_at: hasEnded ? said : (before?.['synced_at'] ?? null),
      audit: JSON.stringify(value.audit ?? null),
    });
    const claim = claimOf(value);
    if (claim === null) this.silent.add(value.component);
    else this.silent.delete(value.component);
    if (claim !== null) this.claims.set(value.component, [...(this.claims.get(value.component) ?? []), claim]);
  }

  backfill(value: BackfillValue, { timestamp }: TopicRecord): void {
    const said = timeOf(timestamp);
    this.backfills.set(value.commandId, {
      command_id: value.commandId,
      state: value.state,
      from_block: String(value.fromBlock),
      to_block: String(value.toBlock),
      next_block: String(value.nextBlock),
      published: String(value.published),
      retracted: String(value.retracted),
      reason: value.reason,
      started_at: this.backfills.get(value.commandId)?.['started_at'] ?? said,
      updated_at: said,
    });
  }
}

function claimOf({ component: of, offsets, ...value }: ComponentValue): ExpectedClaim | null {
  const { coveredFrom, coveredTo, coveredToHash, coveredToTimestamp, settledTo } = value;
  if (coveredTo === null || coveredToTimestamp === null) return null;
  const row = {
    component: of,
    covered_from: String(coveredFrom),
    covered_to: String(coveredTo),
    covered_to_hash: coveredToHash,
    covered_to_timestamp: timeOf(coveredToTimestamp),
    settled_to: String(settledTo),
  };
  return { row, offsets, coveredTo };
}

function timeOf(time: string | number): string {
  return new Date(time).toISOString();
}
