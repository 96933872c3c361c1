import type { TopicNames } from '@hybrid-sync/domain';
import {
  joinGroup,
  type GroupHandler,
  type GroupMember,
  type KafkaConnection,
  type RecordBatch,
  type TopicPartition,
} from '@hybrid-sync/kafka';
import type { Log } from '@hybrid-sync/runtime';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { z } from 'zod';
import { offsetGap } from './offset-gap.js';
import type { OwnedPartitions } from './owned-partitions.js';
import type { Positions } from './positions.js';

/** Message patterns of the controllers, one for each topic that is folded. */
export const revocationBatch = 'revocation-batch';
export const statusBatch = 'status-batch';
export const entryBatch = 'entry-batch';
export const commandBatch = 'command-batch';

export interface TopicTransportOptions {
  readonly kafka: KafkaConnection;
  readonly groupId: string;
  readonly topics: TopicNames;
  readonly positions: Positions;
  readonly owned: OwnedPartitions;
  readonly stale: (topic: string) => void;
  readonly log: Log;
  readonly fail: (error: Error) => void;
}

/**
 * How long the partitions of a projector that was killed stand still. Longer than the longest statement: what a projector
 * that has lost its partitions was writing has come to its end when the next one begins.
 */
const sessionTimeoutMs = 10_000;
/** Some 2,000 records of a partition: enough for large transactions, and little to hold in memory. */
const fetchSizes = { maxBytesPerPartition: 2 << 20, maxBytes: 4 << 20 };
/** One is parsed while another is written, and the next are fetched. */
const ahead = { partitionsConcurrently: 2, aheadBytes: 2 << 20 };

const outcome = z.enum(['applied', 'stale']);

/**
 * Hands whole batches to the handlers, and takes the offsets to read from out of the database: Nest's own Kafka
 * transport takes one message at a time and commits to Kafka.
 */
export class TopicTransport extends Server implements CustomTransportStrategy {
  readonly #options: TopicTransportOptions;
  readonly #patterns: ReadonlyMap<string, string>;
  #member: GroupMember | null = null;

  constructor(options: TopicTransportOptions) {
    super();
    const { revocations, status, entries, commands } = options.topics;
    this.#options = options;
    this.#patterns = new Map([
      [revocations, revocationBatch],
      [status, statusBatch],
      [entries, entryBatch],
      [commands, commandBatch],
    ]);
  }

  listen(callback: (error?: unknown) => void): void {
    this.#join().then(() => {
      callback();
    }, callback);
  }

  async close(): Promise<void> {
    await this.#member?.close();
  }

  override on(): never {
    throw new Error('this transport has no events');
  }

  override unwrap(): never {
    throw new Error('this transport has no underlying server');
  }

  async #join(): Promise<void> {
    const { kafka, groupId, fail } = this.#options;
    this.#member = await joinGroup(kafka, {
      groupId,
      topics: [...this.#patterns.keys()],
      commit: true,
      sessionTimeoutMs,
      ...ahead,
      ...fetchSizes,
      fail,
      handler: this.#handler(),
    });
  }

  #handler(): GroupHandler {
    const { positions, owned } = this.#options;
    return {
      assigned: async (partitions) => {
        const placed = await positions.of(partitions);
        owned.taken(placed);
        return placed;
      },
      truncated: (at, position, start) => this.#truncated(at, position, start),
      beyondEnd: async ({ topic }) => ((await positions.isSame(topic)) ? 'fail' : 'hold'),
      lost: () => {
        owned.lost();
      },
      apply: (batch) => this.#apply(batch),
    };
  }

  /**
   * What retention has deleted of a topic that is not compacted is gone; a compacted one is another incarnation then. Held
   * either way, and asked for again.
   */
  async #truncated(at: TopicPartition, position: number, start: number): Promise<'hold'> {
    const { positions, log } = this.#options;
    if (!(await positions.isSame(at.topic))) return 'hold';
    log.warn({ ...at, position, start }, 'records were deleted before they were applied');
    await this.#handle(offsetGap(at, position, start));
    return 'hold';
  }

  async #apply(batch: RecordBatch): Promise<'applied' | 'stale'> {
    const { positions, stale, owned } = this.#options;
    const applied = positions.hasLeft(batch.topic) ? 'stale' : await this.#handle(batch);
    owned.looked(batch.topic, new Map([[batch.partition, batch.endOffset]]));
    if (applied === 'stale') stale(batch.topic);
    return applied;
  }

  async #handle(batch: RecordBatch): Promise<'applied' | 'stale'> {
    const handler = this.getHandlerByPattern(this.#patterns.get(batch.topic) ?? '');
    if (handler === null) throw new Error(`no handler for ${batch.topic}`);
    const result: unknown = await lastValueFrom(this.transformToObservable(await handler(batch)));
    return outcome.parse(result);
  }
}
