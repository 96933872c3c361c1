import { randomBytes } from 'node:crypto';
import {
  encodeAuditCommandStatus,
  encodeBackfillStatus,
  encodeComponentStatus,
  encodeRetracted,
  encodeRevoked,
  maxOffsets,
  retractedHeaders,
  revocationKey,
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

export interface TopicWriterOptions {
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly topics: TopicNames;
  readonly identity: ContractIdentity;
  readonly lease: Pick<Lease, 'held'>;
  readonly metrics: Pick<IngestMetrics, 'observe' | 'published'>;
}

/** Writes what reconcile found, and what an ingester says of itself. Every write resolves once it is acknowledged. */
export class TopicWriter {
  readonly #options: TopicWriterOptions;
  #acknowledged: OffsetVector = new Map();

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
    this.#acknowledged = maxOffsets(this.#acknowledged, await this.#publish(topics.revocations, records));
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
    if (!this.#options.lease.held) throw new LeaseLostError('another replica is active');
    return this.#options.publisher.publish(topic, records);
  }
}

/** W3C trace context: one trace per step. */
function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}
