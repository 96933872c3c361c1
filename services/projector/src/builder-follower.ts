import { offsetsReached, type OffsetVector } from '@hybrid-sync/domain';
import {
  joinGroup,
  type GroupHandler,
  type GroupMember,
  type KafkaConnection,
  type RecordBatch,
  type TopicPartition,
} from '@hybrid-sync/kafka';
import { sleep } from '@hybrid-sync/runtime';
import { offsetGap } from './offset-gap.js';

export interface FollowerOptions {
  readonly kafka: KafkaConnection;
  readonly groupId: string;
  readonly topic: string;
  /** Where each partition goes on; one that is missing is read from its beginning. Throws BuildingOverError. */
  readonly positions: () => Promise<OffsetVector>;
  readonly apply: (batch: RecordBatch) => Promise<'applied' | 'stale'>;
  /** Throws BuildingOverError where the topic is another one by now than the one that is folded. */
  readonly requireTopic: () => Promise<void>;
}

/** The generation cannot be built to its end, now or ever: it was abandoned, or its topic is gone. */
export class BuildingOverError extends Error {
  override readonly name = 'BuildingOverError';
}

/** As a projector's: records are parsed while others are written, and the next are fetched. */
const fetchSizes = { maxBytesPerPartition: 2 << 20, maxBytes: 4 << 20 };
const ahead = { partitionsConcurrently: 2, aheadBytes: 2 << 20 };
const lookMs = 10;

/** Applies a topic to one generation, from where that stands, as the records come. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #over = Promise.withResolvers<never>();
  readonly #positions = new Map<number, number>();
  #free: Promise<unknown> = Promise.resolve();
  #member: GroupMember | null = null;

  private constructor(options: FollowerOptions) {
    this.#options = options;
    // It may be over before anybody waits.
    this.#over.promise.catch(() => undefined);
  }

  /** Rejects when the group cannot be joined, and with BuildingOverError. */
  static async open(options: FollowerOptions): Promise<Follower> {
    const follower = new Follower(options);
    for (const [partition, nextOffset] of await options.positions()) follower.#reach(partition, nextOffset);
    follower.#member = await joinGroup(options.kafka, {
      groupId: options.groupId,
      topics: [options.topic],
      commit: true,
      ...ahead,
      ...fetchSizes,
      fail: follower.#over.reject,
      handler: follower.#handler(),
    });
    return follower;
  }

  /** Next offset to apply of each partition. */
  get positions(): OffsetVector {
    return this.#positions;
  }

  /** Resolves when everything below has been applied. Rejects when the signal aborts, and where building is over. */
  async reached(wanted: OffsetVector, signal: AbortSignal): Promise<void> {
    while (!offsetsReached(this.#positions, wanted)) {
      signal.throwIfAborted();
      await Promise.race([this.#over.promise, sleep(lookMs, signal)]);
    }
  }

  /** No batch is begun until the work is done; the membership is kept. */
  async holding<T>(work: () => Promise<T>): Promise<T> {
    const done = work();
    this.#free = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#member?.close();
  }

  #handler(): GroupHandler {
    return {
      assigned: async (partitions) => {
        const placed = await this.#unlessOver(() => this.#placed(partitions));
        return placed ?? [];
      },
      lost: () => undefined,
      apply: (batch) => this.#apply(batch),
      truncated: (at, position, start) => this.#truncated(at, position, start),
      beyondEnd: ({ partition }, position, end) => {
        this.#over.reject(new BuildingOverError(`partition ${partition} ends at ${end}, before offset ${position}`));
        return Promise.resolve('hold');
      },
    };
  }

  async #apply(batch: RecordBatch): Promise<'applied' | 'stale'> {
    await this.#free;
    const outcome = await this.#options.apply(batch);
    if (outcome === 'applied') this.#reach(batch.partition, batch.nextOffset);
    return outcome;
  }

  /** Held, and asked for again, so that it is read on from behind the gap. */
  async #truncated(at: TopicPartition, position: number, start: number): Promise<'hold'> {
    const same = await this.#unlessOver(() => this.#sameTopic());
    if (same !== null) await this.#apply(offsetGap(at, position, start));
    return 'hold';
  }

  /** What the database says counts: a crash may have taken back what was applied. */
  async #placed<P extends TopicPartition>(partitions: readonly P[]): Promise<readonly (P & { nextOffset: number })[]> {
    const positions = await this.#options.positions();
    const placed = partitions.map((at) => ({ ...at, nextOffset: positions.get(at.partition) ?? 0 }));
    for (const { partition, nextOffset } of placed) this.#reach(partition, nextOffset);
    return placed;
  }

  async #sameTopic(): Promise<'same'> {
    await this.#options.requireTopic();
    return 'same';
  }

  #reach(partition: number, nextOffset: number): void {
    this.#positions.set(partition, nextOffset);
  }

  /** Null where there is nothing left to do; the member then holds what it was about to read. */
  async #unlessOver<T>(step: () => Promise<T>): Promise<T | null> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof BuildingOverError)) throw error;
      this.#over.reject(error);
      return null;
    }
  }
}
