import type { MissingHistory } from '@hybrid-sync/domain';
import { Counter, Gauge, Histogram, type Metrics } from '@hybrid-sync/runtime';
import type { PassReason } from './schedule.js';

export type CommandOutcome = 'done' | 'refused' | 'unreadable';

/** What ingest-batch measures beside what every ingester does. */
export class BatchMetrics {
  readonly #passes: Histogram<'reason'>;
  readonly #commands: Counter<'outcome'>;
  readonly #missing: Gauge;

  constructor(metrics: Metrics) {
    const registers = [metrics];
    this.#passes = new Histogram({
      name: 'hybrid_sync_pass_duration_seconds',
      help: 'Time that a pass took, by why it was made. Only passes that came to their end.',
      labelNames: ['reason'],
      buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400],
      registers,
    });
    this.#commands = new Counter({
      name: 'hybrid_sync_commands_total',
      help: 'Records of the sync-commands topic, by what became of them.',
      labelNames: ['outcome'],
      registers,
    });
    this.#missing = new Gauge({
      name: 'hybrid_sync_missing_blocks',
      help: 'Blocks that no endpoint has any more and that are not mirrored. 0 where none is known.',
      registers,
    });
  }

  passed(reason: PassReason, seconds: number): void {
    this.#passes.observe({ reason }, seconds);
  }

  command(outcome: CommandOutcome): void {
    this.#commands.inc({ outcome });
  }

  missing(history: MissingHistory | null): void {
    this.#missing.set(history === null ? 0 : history.toBlock - history.fromBlock + 1);
  }
}
