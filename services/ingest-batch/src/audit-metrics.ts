import type { Audit } from '@hybrid-sync/domain';
import { Gauge, type Metrics } from '@hybrid-sync/runtime';

/** What the last audit has found. */
export class AuditMetrics {
  readonly #block: Gauge;
  readonly #locks: Gauge;
  readonly #mismatched: Gauge;

  constructor(metrics: Metrics) {
    const registers = [metrics];
    this.#block = new Gauge({
      name: 'hybrid_sync_audit_block',
      help: "Block as of which the topic was last compared with the contract's own counts. 0 before the first time.",
      registers,
    });
    this.#locks = new Gauge({
      name: 'hybrid_sync_audit_locks',
      help: 'Locks that the last audit compared.',
      registers,
    });
    this.#mismatched = new Gauge({
      name: 'hybrid_sync_audit_mismatched_locks',
      help: 'Locks of which the topic holds more or less than the contract counts.',
      registers,
    });
  }

  observe({ blockNumber, locks, mismatched }: Audit): void {
    this.#block.set(blockNumber);
    this.#locks.set(locks);
    this.#mismatched.set(mismatched);
  }
}
