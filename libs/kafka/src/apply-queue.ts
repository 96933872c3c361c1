import { PartitionMap, type TopicPartition } from './topic-partition.js';

export interface ApplyQueueOptions {
  /** Batches of different partitions applied at the same time. */
  readonly concurrently: number;
  /** So much may wait or be under way before whoever brings more is held up. */
  readonly aheadBytes: number;
}

export interface QueuedBatch extends TopicPartition {
  readonly bytes: number;
  /** Must not reject. */
  apply(): Promise<void>;
}

interface Entry {
  readonly batch: QueuedBatch;
  /** There is room for more, or the batch has been applied or dropped. */
  readonly admitted: PromiseWithResolvers<undefined>;
  readonly ended: PromiseWithResolvers<undefined>;
}

/** Batches that were fetched and are to be applied: those of a partition one after the other, in the order they came. */
export class ApplyQueue {
  private readonly running = new PartitionMap<Entry>();
  private waiting: Entry[] = [];
  private heldBytes = 0;

  constructor(private readonly options: ApplyQueueOptions) {}

  /** Resolves when more may be brought: at once while there is room, at the latest when the batch was applied or dropped. */
  push(batch: QueuedBatch): Promise<unknown> {
    const entry = { batch, admitted: resolvers(), ended: resolvers() };
    this.heldBytes += batch.bytes;
    this.waiting.push(entry);
    this.admit();
    this.startNext();
    return entry.admitted.promise;
  }

  /** Drops what waits, of one partition or of all. What is being applied goes on. */
  drop(at?: TopicPartition): void {
    const dropped = this.waiting.filter(({ batch }) => at === undefined || isOf(batch, at));
    this.waiting = this.waiting.filter((entry) => !dropped.includes(entry));
    for (const entry of dropped) this.end(entry);
    this.admit();
  }

  /** Resolves when nothing of these partitions is being applied, or nothing at all. */
  async quiet(partitions?: readonly TopicPartition[]): Promise<void> {
    const running = partitions?.flatMap((at) => this.running.get(at) ?? []) ?? this.running.all();
    await Promise.all(running.map(({ ended }) => ended.promise));
  }

  private startNext(): void {
    while (this.running.all().length < this.options.concurrently) {
      const index = this.waiting.findIndex(({ batch }) => this.running.get(batch) === undefined);
      const [entry] = index === -1 ? [] : this.waiting.splice(index, 1);
      if (entry === undefined) return;
      this.running.set(entry.batch, entry);
      void this.run(entry);
    }
  }

  private async run(entry: Entry): Promise<void> {
    await entry.batch.apply();
    this.running.delete(entry.batch);
    this.end(entry);
    this.admit();
    this.startNext();
  }

  private end({ batch, admitted, ended }: Entry): void {
    this.heldBytes -= batch.bytes;
    admitted.resolve(undefined);
    ended.resolve(undefined);
  }

  private admit(): void {
    if (this.heldBytes > this.options.aheadBytes) return;
    for (const { admitted } of [...this.waiting, ...this.running.all()]) admitted.resolve(undefined);
  }
}

function resolvers(): PromiseWithResolvers<undefined> {
  return Promise.withResolvers<undefined>();
}

function isOf(one: TopicPartition, { topic, partition }: TopicPartition): boolean {
  return one.topic === topic && one.partition === partition;
}
