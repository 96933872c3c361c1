import type { ComponentStatus, Reconciliation } from '@hybrid-sync/domain';
import { Counter, Gauge, type Metrics } from '@hybrid-sync/runtime';

/** What an ingester measures of itself. No lock and no hash is ever a label. */
export class IngestMetrics {
  readonly #head: Gauge;
  readonly #finalized: Gauge;
  readonly #covered: Gauge;
  readonly #published: Counter<'kind'>;

  constructor(metrics: Metrics) {
    const registers = [metrics];
    this.#head = new Gauge({ name: 'hybrid_sync_head_block', help: 'Head of the chain as last seen.', registers });
    this.#finalized = new Gauge({
      name: 'hybrid_sync_finalized_block',
      help: 'Finalized block as last seen.',
      registers,
    });
    this.#covered = new Gauge({
      name: 'hybrid_sync_covered_block',
      help: 'Last block that is fully published.',
      registers,
    });
    this.#published = new Counter({
      name: 'hybrid_sync_published_records_total',
      help: 'Acknowledged records of the revocation topic.',
      labelNames: ['kind'],
      registers,
    });
  }

  observe({ head, finalized, coverage }: ComponentStatus): void {
    this.#head.set(head.number);
    this.#finalized.set(finalized.number);
    if (coverage !== null) this.#covered.set(coverage.coveredTo);
  }

  published({ publish, retract }: Reconciliation): void {
    this.#published.inc({ kind: 'revoked' }, publish.length);
    this.#published.inc({ kind: 'retracted' }, retract.length);
  }
}
