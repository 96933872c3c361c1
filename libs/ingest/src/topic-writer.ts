import { randomBytes } from 'node:crypto';
import {
  encodeAuditCommandStatus,
  encodeBackfillStatus,
  encodeComponentStatus,
  encodeRetracted,
  encodeRevoked,
  maxOffsets,
  partitionOf,
  retractedHeaders,
  revocationKey,
  revocationPartitions,
  revokedHeaders,
  type AuditCommandStatus,
  type BackfillStatus,
  type ComponentStatus,
  type ContractIdentity,
  type OffsetVector,
  type Provenance,
  type Reconciliation,
  type TopicNames,
} from '@hybrid-sync/domain';
import type { OutgoingRecord, Publisher } from '@hybrid-sync/kafka';
import type { IngestMetrics } from './ingest-metrics.js';
import { LeaseLostError, type Lease } from './lease.js';
import type { TopicView } from './topic-view.js';

export interface TopicWriterOptions {
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly topics: TopicNames;
  readonly identity: ContractIdentity;
  readonly lease: Pick<Lease, 'held'>;
  readonly metrics: Pick<IngestMetrics, 'observe' | 'published'>;
  readonly view: Pick<TopicView, 'position'>;
  /** The revocation topic has been made again: this process stands on what is gone, and writes nothing any more. */
  readonly outdated: (error: TopicRecreatedError) => void;
}

/** Writes what reconcile found, and what an ingester says of itself. Every write resolves once it is acknowledged. */
export class TopicWriter {
  readonly #options: TopicWriterOptions;
  #acknowledged: OffsetVector = new Map();
  #recreated: TopicRecreatedError | null = null;

  constructor(options: TopicWriterOptions) {
    this.#options = options;
  }

  /** Next offsets after this writer's own records of the revocation topic. */
  get acknowledged(): OffsetVector {
    return this.#acknowledged;
  }

  async reconciled(found: Reconciliation, origin: Pick<Provenance, 'source' | 'finality'>): Promise<void> {
    const { topics, identity } = this.#options;
    const provenance = { ...origin, traceparent: newTraceparent() };
    const records = [
      ...found.retract.map((retraction) => ({
        key: revocationKey(retraction),
        value: encodeRetracted(retraction, identity),
        headers: retractedHeaders(retraction, identity, provenance),
      })),
      ...found.publish.map((log) => ({
        key: revocationKey(log),
        value: encodeRevoked(log, identity),
        headers: revokedHeaders(log, identity, provenance),
      })),
    ];
    if (records.length === 0) return;
    const known = maxOffsets(this.#acknowledged, this.#options.view.position);
    const acknowledged = await this.#publish(topics.revocations, records);
    if (fellBack(known, acknowledged, countsOf(records))) this.#end(new TopicRecreatedError(topics.revocations));
    this.#acknowledged = maxOffsets(this.#acknowledged, acknowledged);
    this.#options.metrics.published(found);
  }

  async componentStatus(status: ComponentStatus): Promise<void> {
    await this.#publish(this.#options.topics.status, [{ key: status.component, value: encodeComponentStatus(status) }]);
    this.#options.metrics.observe(status);
  }

  async backfillStatus(status: BackfillStatus): Promise<void> {
    await this.#publish(this.#options.topics.status, [{ key: status.commandId, value: encodeBackfillStatus(status) }]);
  }

  async auditStatus(status: AuditCommandStatus): Promise<void> {
    const value = encodeAuditCommandStatus(status);
    await this.#publish(this.#options.topics.status, [{ key: status.commandId, value }]);
  }

  #publish(topic: string, records: readonly OutgoingRecord[]): Promise<OffsetVector> {
    if (this.#recreated !== null) throw this.#recreated;
    if (!this.#options.lease.held) throw new LeaseLostError('another replica is active');
    return this.#options.publisher.publish(topic, records);
  }

  #end(error: TopicRecreatedError): never {
    this.#recreated = error;
    this.#options.outdated(error);
    throw error;
  }
}

/** Records lie where others were read or written before. */
function fellBack(known: OffsetVector, acknowledged: OffsetVector, counts: ReadonlyMap<number, number>): boolean {
  const isPlaced = [...counts.keys()].every((partition) => acknowledged.has(partition));
  return [...acknowledged].some(([partition, next]) => {
    // At least one record lies there, also where somebody has changed the number of partitions.
    const count = isPlaced ? (counts.get(partition) ?? 1) : 1;
    return next - count < (known.get(partition) ?? 0);
  });
}

function countsOf(records: readonly OutgoingRecord[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { key } of records) {
    const partition = partitionOf(Buffer.from(key), revocationPartitions);
    counts.set(partition, (counts.get(partition) ?? 0) + 1);
  }
  return counts;
}

/** Nothing that was covered before is on the topic; the next start begins anew. */
export class TopicRecreatedError extends Error {
  override readonly name = 'TopicRecreatedError';

  constructor(topic: string) {
    super(`${topic} was made again: this process stands on what is gone`);
  }
}

/** W3C trace context: one trace per step. */
function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}
