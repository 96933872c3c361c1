import type { TopicPartition } from '@hybrid-sync/kafka';
import type { PartitionStanding } from './partition-lag.js';

type Owned = TopicPartition & PartitionStanding;

/** The partitions that this process applies now, and how far each of them is. */
export class OwnedPartitions {
  readonly #owned = new Map<string, Owned>();
  readonly #clock: () => number;

  /** @param clock monotonic, in milliseconds */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  all(): readonly Owned[] {
    return [...this.#owned.values()];
  }

  of(topic: string): readonly Owned[] {
    return this.all().filter((owned) => owned.topic === topic);
  }

  taken(placed: readonly (TopicPartition & { readonly nextOffset: number })[]): void {
    for (const { topic, partition, nextOffset } of placed) {
      const known = this.#owned.get(nameOf({ topic, partition }));
      const fresh = { endOffset: null, recordWrittenAt: null, atEndAt: this.#clock() };
      this.#set({ ...fresh, ...known, topic, partition, appliedOffset: nextOffset });
    }
  }

  lost(): void {
    this.#owned.clear();
  }

  /** @param writtenAt of the last record, in milliseconds since the epoch; null where there was none */
  applied(at: TopicPartition, nextOffset: number, writtenAt: number | null): void {
    const owned = this.#owned.get(nameOf(at));
    if (owned === undefined) return;
    this.#set({ ...owned, appliedOffset: nextOffset, recordWrittenAt: writtenAt ?? owned.recordWrittenAt });
  }

  /** @returns the partitions of which everything that was found there has been applied */
  looked(topic: string, endOffsets: ReadonlyMap<number, number>): readonly number[] {
    const current: number[] = [];
    for (const owned of this.of(topic)) {
      const endOffset = endOffsets.get(owned.partition) ?? null;
      const isAtEnd = endOffset !== null && owned.appliedOffset >= endOffset;
      this.#set({ ...owned, endOffset, atEndAt: isAtEnd ? this.#clock() : owned.atEndAt });
      if (isAtEnd) current.push(owned.partition);
    }
    return current;
  }

  #set(owned: Owned): void {
    this.#owned.set(nameOf(owned), owned);
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
