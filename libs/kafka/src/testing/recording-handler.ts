import type { GroupHandler, RecordBatch, TopicPartition } from '../index.js';

/** Keeps positions in memory as a database would: a batch that does not begin at the stored position is stale. */
export class RecordingHandler implements GroupHandler {
  readonly batches: RecordBatch[] = [];
  readonly events: string[] = [];
  owned: readonly TopicPartition[] = [];
  /** Partitions for which no position is given. */
  readonly held = new Set<number>();

  constructor(readonly positions = new Map<number, number>()) {}

  /** Replaceable: what one test does differently. */
  beforeApply: (batch: RecordBatch) => Promise<void> = () => Promise.resolve();

  assigned(partitions: readonly TopicPartition[]): ReturnType<GroupHandler['assigned']> {
    this.events.push(
      `assigned ${partitions
        .map(({ partition }) => partition)
        .sort()
        .join(',')}`,
    );
    this.owned = partitions;
    const known = partitions.filter(({ partition }) => !this.held.has(partition));
    return Promise.resolve(
      known.map(({ topic, partition }) => ({ topic, partition, nextOffset: this.positions.get(partition) ?? 0 })),
    );
  }

  lost(): void {
    this.events.push('lost');
    this.owned = [];
  }

  async apply(batch: RecordBatch): Promise<'applied' | 'stale'> {
    await this.beforeApply(batch);
    if (batch.fromOffset !== (this.positions.get(batch.partition) ?? 0)) return 'stale';
    this.positions.set(batch.partition, batch.nextOffset);
    this.batches.push(batch);
    return 'applied';
  }

  keys(): readonly string[] {
    return this.batches.flatMap(({ records }) => records.map(({ key }) => String(key)));
  }
}
