import type { TopicNames } from '@hybrid-sync/domain';
import { joinGroup, type GroupMember, type KafkaConnection, type RecordBatch } from '@hybrid-sync/kafka';
import { readAppliedOffsets, readGenerations, type Queryable } from '@hybrid-sync/store';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { z } from 'zod';

/** Message patterns of the controllers, one for each topic that is folded. */
export const revocationBatch = 'revocation-batch';
export const statusBatch = 'status-batch';

export interface TopicTransportOptions {
  readonly kafka: KafkaConnection;
  readonly groupId: string;
  readonly topics: TopicNames;
  readonly database: Queryable;
  readonly fail: (error: Error) => void;
}

const outcome = z.enum(['applied', 'stale']);

/**
 * Hands whole batches to the handlers, and takes the offsets to read from out of the database: Nest's own Kafka
 * transport takes one message at a time and commits to Kafka.
 */
export class TopicTransport extends Server implements CustomTransportStrategy {
  readonly #options: TopicTransportOptions;
  #member: GroupMember | null = null;

  constructor(options: TopicTransportOptions) {
    super();
    this.#options = options;
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
    const { kafka, groupId, topics, fail } = this.#options;
    this.#member = await joinGroup(kafka, {
      groupId,
      topics: [topics.revocations, topics.status],
      commit: true,
      fail,
      handler: {
        assigned: (partitions) => this.#positions(partitions),
        lost: () => undefined,
        apply: (batch) => this.#apply(batch),
      },
    });
  }

  async #positions(
    partitions: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<readonly { topic: string; partition: number; nextOffset: number }[]> {
    const { database, topics } = this.#options;
    const generations = await readGenerations(database);
    const generation = generations.find(({ state }) => state === 'active')?.generation ?? 0;
    const applied = new Map([
      [topics.revocations, await readAppliedOffsets(database, { generation, topic: topics.revocations })],
      [topics.status, await readAppliedOffsets(database, { generation: 0, topic: topics.status })],
    ]);
    return partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      nextOffset: applied.get(topic)?.get(partition) ?? 0,
    }));
  }

  async #apply(batch: RecordBatch): Promise<'applied' | 'stale'> {
    const pattern = batch.topic === this.#options.topics.revocations ? revocationBatch : statusBatch;
    const handler = this.getHandlerByPattern(pattern);
    if (handler === null) throw new Error(`no handler for ${pattern}`);
    const result: unknown = await lastValueFrom(this.transformToObservable(await handler(batch)));
    return outcome.parse(result);
  }
}
