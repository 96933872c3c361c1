import type { ComponentStatus, LogProof, Reconciliation } from '@hybrid-sync/domain';
import { Counter, Gauge, Histogram, type Metrics } from '@hybrid-sync/runtime';
import { failureKind } from './failure-kind.js';
import { isRight, type Judged } from './verdict.js';

/** What is looked up at the moment of a scrape. */
export interface Standing {
  readonly windowSize: number;
  readonly suspects: number;
  readonly leaseHeld: boolean;
  /** Blocks between what ingest-batch has settled and where the coverage of ingest-realtime begins. */
  readonly holeBlocks: number;
}

const proofs: readonly LogProof[] = ['receipts', 'bloom', 'none'];
/** Seconds. */
const latencies = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const depths = [1, 2, 3, 5, 8, 13, 21, 34, 64];

/** What an ingester measures of itself; docs/metrics.md has them all. No lock and no hash is ever a label. */
export class IngestMetrics {
  readonly #head: Gauge;
  readonly #finalized: Gauge;
  readonly #covered: Gauge;
  readonly #settled: Gauge;
  readonly #violation: Gauge;
  readonly #proof: Gauge<'proof'>;
  readonly #published: Counter<'kind'>;
  readonly #retractions: Counter<'outcome'>;
  readonly #suspects: Counter<'outcome'>;
  readonly #reorgs: Counter;
  readonly #reorgDepth: Histogram;
  readonly #latency: Histogram;
  readonly #jumps: Counter;
  readonly #failures: Counter<'kind'>;
  readonly #registers: Metrics[];

  constructor(metrics: Metrics) {
    const registers = [metrics];
    const gauge = (name: string, help: string): Gauge => new Gauge({ name: `hybrid_sync_${name}`, help, registers });
    const counter = (name: string, help: string): Counter =>
      new Counter({ name: `hybrid_sync_${name}`, help, registers });
    const counterBy = <L extends string>(label: L, name: string, help: string): Counter<L> =>
      new Counter<L>({ name: `hybrid_sync_${name}`, help, labelNames: [label], registers });
    const histogram = (name: string, help: string, buckets: number[]): Histogram =>
      new Histogram({ name: `hybrid_sync_${name}`, help, buckets, registers });
    this.#registers = registers;
    this.#head = gauge('head_block', 'Head of the chain as last seen.');
    this.#finalized = gauge('finalized_block', 'Finalized block as last seen.');
    this.#covered = gauge('covered_block', 'Last block that is fully published.');
    this.#settled = gauge('settled_block', 'Last block that was final when it was scanned.');
    this.#violation = gauge('finality_violation', '1 while a finality violation stops everything.');
    this.#proof = new Gauge({
      name: 'hybrid_sync_proof',
      help: 'How it is known that no log above the settled blocks is missing: 1 for one of receipts, bloom and none.',
      labelNames: ['proof'],
      registers,
    });
    this.#published = counterBy('kind', 'published_records_total', 'Acknowledged records of the revocation topic.');
    this.#retractions = counterBy('outcome', 'retractions_total', 'Retractions that the contract was asked about.');
    this.#suspects = counterBy('outcome', 'suspects_total', 'Records of the topic that the contract was asked about.');
    this.#reorgs = counter('reorgs_total', 'Reorgs that orphaned blocks.');
    this.#reorgDepth = histogram('reorg_depth_blocks', 'Blocks that a reorg orphaned.', depths);
    this.#latency = histogram(
      'publish_latency_seconds',
      'From first seeing a head to its acknowledged records.',
      latencies,
    );
    this.#jumps = counter('jumps_total', 'Times the head ran too far ahead and a hole was left to ingest-batch.');
    this.#failures = counterBy('kind', 'step_failures_total', 'Steps that failed and are tried again.');
  }

  /** @param look called at every scrape */
  follow(look: () => Standing): void {
    const registers = this.#registers;
    const gauge = (name: string, help: string, value: (standing: Standing) => number): void => {
      const collect = function (this: Gauge): void {
        this.set(value(look()));
      };
      new Gauge({ name: `hybrid_sync_${name}`, help, registers, collect });
    };
    gauge('window_records', 'Live records above the settled blocks.', ({ windowSize }) => windowSize);
    gauge('suspect_records', 'Records that the contract has not been asked about yet.', ({ suspects }) => suspects);
    gauge('lease_held', '1 while this replica is the active one.', ({ leaseHeld }) => Number(leaseHeld));
    gauge('hole_blocks', 'Blocks that neither ingester has covered for good.', ({ holeBlocks }) => holeBlocks);
  }

  observe({ head, finalized, coverage, finalityViolation, proof }: ComponentStatus): void {
    this.#head.set(head.number);
    this.#finalized.set(finalized.number);
    this.#violation.set(finalityViolation === null ? 0 : 1);
    for (const one of proofs) this.#proof.set({ proof: one }, Number(one === proof));
    if (coverage === null) return;
    this.#covered.set(coverage.coveredTo);
    this.#settled.set(coverage.settledTo);
  }

  published({ publish, retract }: Reconciliation): void {
    this.#published.inc({ kind: 'revoked' }, publish.length);
    this.#published.inc({ kind: 'retracted' }, retract.length);
  }

  judged(judged: readonly Judged[]): void {
    for (const one of judged) {
      if (one.question.suspect !== null) this.#suspects.inc({ outcome: isRight(one) ? 'right' : 'wrong' });
      else this.#retractions.inc({ outcome: one.answer.kind === 'not-revoked' ? 'confirmed' : 'refused' });
    }
  }

  /** Milliseconds from first seeing a head to the acknowledgement of its records. */
  acknowledgedAfter(milliseconds: number): void {
    this.#latency.observe(milliseconds / 1000);
  }

  reorged(depth: number): void {
    this.#reorgs.inc();
    this.#reorgDepth.observe(depth);
  }

  jumped(): void {
    this.#jumps.inc();
  }

  failed(error: unknown): void {
    this.#failures.inc({ kind: failureKind(error) });
  }
}
