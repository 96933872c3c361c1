import { setTimeout as sleep } from 'node:timers/promises';
import { partitionOf } from '@hybrid-sync/domain';
import type { Message, PartitionerArgs, Producer } from 'kafkajs';
import { driver, type KafkaConnection } from './connection.js';
import { parseOffset } from './offset-vector.js';
import type { OutgoingRecord } from './record-chunks.js';

/** What one attempt achieved: next offsets of the partitions that acknowledged, and the records that nobody did. */
export interface Acknowledged {
  readonly nextOffsets: ReadonlyMap<number, number>;
  readonly unacknowledged: readonly OutgoingRecord[];
}

/**
 * An idempotent producer with one request in flight. A retry must send the same records in the same order: the driver takes back
 * the sequence numbers of a failed send, so other records under those numbers would be dropped as repetitions.
 */
export class IdempotentProducer {
  private producer: Producer | undefined;
  private readonly placed = new WeakMap<Message, number>();

  constructor(private readonly connection: KafkaConnection) {}

  /** One attempt (the driver adds a few quick ones). Throws the driver's error. */
  async send(topic: string, records: readonly OutgoingRecord[]): Promise<Acknowledged> {
    const producer = await this.connected();
    const messages: Message[] = records.map(({ key, value, headers = {} }) => ({
      key,
      value,
      headers: { ...headers },
    }));
    const acks = await producer.send({ topic, messages, acks: -1, timeout: 10_000 });
    const counts = Map.groupBy(messages, (message) => this.placed.get(message) ?? -1);
    const nextOffsets = new Map<number, number>();
    for (const { partition, baseOffset = '-1' } of acks) {
      const base = parseOffset(baseOffset);
      if (base >= 0) nextOffsets.set(partition, base + (counts.get(partition)?.length ?? 0));
    }
    // After a change of leaders the driver can resolve without having sent some partitions.
    const unacknowledged = records.filter((_, index) => !nextOffsets.has(this.partitionAt(messages, index)));
    return { nextOffsets, unacknowledged };
  }

  /** New sockets, same producer id and sequence numbers: the broker still recognises what it has already appended. */
  async reconnect(): Promise<void> {
    await disconnected(this.producer);
  }

  /** A new producer id. For after an error that leaves the sequence numbers in doubt. */
  async renew(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await disconnected(producer);
  }

  private partitionAt(messages: readonly Message[], index: number): number {
    const message = messages[index];
    return message === undefined ? -1 : (this.placed.get(message) ?? -1);
  }

  private async connected(): Promise<Producer> {
    this.producer ??= this.connection[driver].kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
      createPartitioner: () => (args) => this.place(args),
    });
    await this.producer.connect();
    return this.producer;
  }

  private place({ message, partitionMetadata }: PartitionerArgs): number {
    const partition = partitionOf(Buffer.from(message.key ?? ''), partitionMetadata.length);
    this.placed.set(message, partition);
    return partition;
  }
}

/** The driver waits for requests in flight: 2 s is enough for a broker that answers at all. */
async function disconnected(producer: Producer | undefined): Promise<void> {
  const over = new AbortController();
  const limit = sleep(2_000, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([producer?.disconnect().catch(() => undefined), limit]);
  over.abort();
}
