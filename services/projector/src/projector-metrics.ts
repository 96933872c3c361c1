import type { TopicPartition } from '@hybrid-sync/kafka';
import { Counter, Gauge, Histogram, type Metrics } from '@hybrid-sync/runtime';
import { lagRecords, lagSeconds, type PartitionStanding } from './partition-lag.js';
import type { AppliedPart } from './read-model.js';
import type { SeenTables } from './standing.js';

/** What is looked up at the moment of a scrape. */
export interface ScrapedState {
  readonly partitions: readonly (TopicPartition & PartitionStanding)[];
  readonly tables: SeenTables;
}

const retractionReasons = ['reorg', 'not-canonical', 'tombstone', 'malformed'] as const;
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const records = [1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000];

/** What the projector measures of itself; docs/metrics.md has them all. No lock and no hash is ever a label. */
export class ProjectorMetrics {
  readonly #deadLetters: Counter<'topic'>;
  readonly #batchRecords: Histogram<'topic'>;
  readonly #batchSeconds: Histogram<'topic'>;
  readonly #stale: Counter<'topic'>;
  readonly #rows: Counter;
  readonly #retractions: Counter<'reason'>;
  readonly #registers: Metrics[];

  constructor(metrics: Metrics) {
    const registers = [metrics];
    this.#registers = registers;
    const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
      new Counter<L>({ name: `hybrid_sync_${name}`, help, labelNames, registers });
    const histogram = (name: string, help: string, buckets: number[]): Histogram<'topic'> =>
      new Histogram({ name: `hybrid_sync_${name}`, help, buckets, labelNames: ['topic'], registers });
    this.#deadLetters = counter('dead_letters_total', 'Records that could not be applied.', 'topic');
    this.#batchRecords = histogram('batch_records', 'Records applied in one transaction.', records);
    this.#batchSeconds = histogram(
      'batch_seconds',
      'From the first statement of a transaction to its commit.',
      seconds,
    );
    this.#stale = counter('stale_batches_total', 'Batches that were rolled back: the offset had moved.', 'topic');
    this.#rows = counter('rows_written_total', 'Revocations inserted or overwritten.');
    this.#retractions = counter('applied_retractions_total', 'Records that took a revocation back.', 'reason');
    for (const reason of retractionReasons) this.#retractions.inc({ reason }, 0);
  }

  readonly applied = (part: AppliedPart): void => {
    const { topic, deadLetters, rows, retractions } = part;
    this.#batchRecords.observe({ topic }, part.records);
    this.#batchSeconds.observe({ topic }, part.seconds);
    if (deadLetters.length > 0) this.#deadLetters.inc({ topic }, deadLetters.length);
    if (rows > 0) this.#rows.inc(rows);
    for (const { reason } of retractions) this.#retractions.inc({ reason });
  };

  readonly stale = (topic: string): void => {
    this.#stale.inc({ topic });
  };

  /** @param look called once at every scrape */
  follow(look: () => ScrapedState): void {
    this.#followPartitions(look);
    const gauge = (name: string, help: string, value: (tables: SeenTables) => number | null): void => {
      const collect = function (this: Gauge): void {
        const found = value(look().tables);
        if (found === null) this.remove();
        else this.set(found);
      };
      new Gauge({ name: `hybrid_sync_${name}`, help, registers: this.#registers, collect });
    };
    gauge('generation', 'Generation that is served.', ({ active }) => active?.generation ?? null);
    gauge('as_of_block', 'Block up to which the read model is complete.', ({ asOfBlock }) => asOfBlock);
    gauge('rebuild_applied_records', 'Of the generation that is built.', ({ rebuild }) => rebuild?.applied ?? null);
    gauge('rebuild_target_records', 'Of the generation that is built.', ({ rebuild }) => rebuild?.target ?? null);
  }

  #followPartitions(look: () => ScrapedState): void {
    const labelNames = ['topic', 'partition'] as const;
    const gauge = (name: string, help: string, value: (standing: PartitionStanding) => number): void => {
      const collect = function (this: Gauge<'topic' | 'partition'>): void {
        // Partitions that went to another projector are its own to tell of.
        this.reset();
        for (const standing of look().partitions) {
          this.set({ topic: standing.topic, partition: `${standing.partition}` }, value(standing));
        }
      };
      new Gauge({
        name: `hybrid_sync_${name}`,
        help,
        labelNames: [...labelNames],
        registers: this.#registers,
        collect,
      });
    };
    gauge('applied_offset', 'The next offset to apply.', ({ appliedOffset }) => appliedOffset);
    gauge('lag_records', 'Offsets from the next one to apply to the end of the partition.', lagRecords);
    gauge('lag_seconds', 'At most how long the oldest record that is not applied has been waiting.', (standing) =>
      lagSeconds(standing, { epoch: Date.now(), monotonic: performance.now() }),
    );
  }
}
