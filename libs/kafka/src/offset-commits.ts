import { PartitionMap, type TopicPartition } from './topic-partition.js';

type Commit = (offsets: readonly (TopicPartition & { readonly nextOffset: number })[]) => Promise<void>;
type AppliedOffset = TopicPartition & { readonly nextOffset: number };

const everyMs = 500;

/** Commits the latest offsets twice a second at most, beside the work. A commit that fails is made up for by the next one. */
export class OffsetCommits {
  private pending = new PartitionMap<AppliedOffset>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly commit: Commit) {}

  add(offset: AppliedOffset): void {
    this.pending.set(offset, offset);
    this.timer ??= setTimeout(() => void this.flush(), everyMs);
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const offsets = this.pending.all();
    this.pending = new PartitionMap();
    if (offsets.length > 0) await this.commit(offsets).catch(() => undefined);
  }
}
