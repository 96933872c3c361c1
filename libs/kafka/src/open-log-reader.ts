import { randomUUID } from 'node:crypto';
import type { EachBatchPayload } from 'kafkajs';
import { sliceFrom, type Standing, standingIn } from './batch-slice.js';
import { driver, type KafkaConnection } from './connection.js';
import { ConsumerSession } from './consumer-session.js';
import { type FetchedBatch, fetchedBatch, type LogRecord } from './fetched-batch.js';
import { toError } from './kafka-failure.js';
import type { LogReader, LogReaderOptions } from './log-reader.js';
import { OffsetBeyondEndError } from './offset-errors.js';
import { endOffsets, type OffsetRange, offsetRanges, type OffsetVector } from './offset-vector.js';
import { ReachedWaiters } from './reached-waiters.js';
import { PartitionMap, type TopicPartition } from './topic-partition.js';

/** Throws when a topic does not exist, the broker cannot be reached, or `from` lies beyond the end (OffsetBeyondEndError). */
export async function openLogReader(kafka: KafkaConnection, options: LogReaderOptions): Promise<LogReader> {
  const reader = new GroupOfOneReader(kafka, options);
  await reader.open();
  return reader;
}

class GroupOfOneReader implements LogReader {
  private readonly standings = new PartitionMap<Standing>();
  private readonly waiters = new ReachedWaiters((topic) => this.position(topic));
  private readonly session: ConsumerSession;
  private hasJoined = false;

  constructor(
    private readonly kafka: KafkaConnection,
    private readonly options: LogReaderOptions,
  ) {
    this.session = new ConsumerSession(kafka, {
      groupId: () => `${options.groupPrefix}.${randomUUID()}`,
      topics: options.topics,
      sessionTimeoutMs: 10_000,
      partitionsConcurrently: 1,
      joined: (partitions) => {
        this.joined(partitions);
      },
      left: () => undefined,
      batch: (payload) => this.take(payload),
      fail: (error) => {
        this.fail(error);
      },
    });
  }

  async open(): Promise<void> {
    for (const topic of this.options.topics) await this.place(topic, this.options.from?.get(topic));
    await this.session.open();
  }

  reached(topic: string, offsets: OffsetVector, signal?: AbortSignal): Promise<void> {
    return this.waiters.wait(topic, offsets, signal);
  }

  async caughtUp(signal?: AbortSignal): Promise<void> {
    const topics = await Promise.all(
      this.options.topics.map(async (topic) => ({ topic, end: await endOffsets(this.kafka, topic) })),
    );
    await Promise.all(topics.map(({ topic, end }) => this.reached(topic, end, signal)));
  }

  position(topic: string): OffsetVector {
    return new Map([...this.standings.of(topic)].map(([partition, { position }]) => [partition, position]));
  }

  async close(): Promise<void> {
    this.waiters.end(new Error('the log reader is closed'));
    await this.session.close();
  }

  private joined(partitions: readonly TopicPartition[]): void {
    this.seekTo(partitions);
    if (this.hasJoined) void this.verifyAll();
    this.hasJoined = true;
  }

  private seekTo(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.session.seek(at, this.standing(at).position);
  }

  private standing(at: TopicPartition): Standing {
    return this.standings.get(at) ?? { position: 0, floor: 0 };
  }

  private async place(topic: string, from?: OffsetVector): Promise<void> {
    for (const [partition, range] of await offsetRanges(this.kafka, topic)) {
      this.clamp({ topic, partition }, range, from?.get(partition) ?? range.start);
    }
  }

  /** A position within what the partition holds: what retention has deleted below the start is skipped. */
  private clamp(at: TopicPartition, range: OffsetRange, from = this.standing(at).position): void {
    const { position, floor } = standingIn(range, at, from);
    this.standings.set(at, { position: Math.max(position, floor), floor });
    if (position >= floor) return;
    const { log } = this.kafka[driver];
    log.warn({ ...at, position, start: floor }, 'records were deleted by retention before they were read');
    this.seekTo([at]);
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    const fetched = fetchedBatch(payload.batch);
    const slice = sliceFrom(this.standing(fetched), fetched);
    if (slice.kind === 'elsewhere') {
      await this.realign(fetched);
      return;
    }
    if (!this.applied(slice.records)) return;
    payload.resolveOffset(payload.batch.lastOffset());
    this.standings.set(fetched, { position: slice.nextOffset, floor: 0 });
    this.waiters.check(fetched.topic);
  }

  private applied(records: readonly LogRecord[]): boolean {
    if (this.waiters.ended) return false;
    try {
      if (records.length > 0) this.options.apply(records);
      return true;
    } catch (error) {
      this.fail(toError(error));
      return false;
    }
  }

  /** The driver was thrown elsewhere (an offset out of range): back to the position, if the partition still has it. */
  private async realign({ topic, partition, fetchedOffset }: FetchedBatch): Promise<void> {
    const { position } = this.standing({ topic, partition });
    const { log } = this.kafka[driver];
    log.warn({ topic, partition, fetchedOffset, position }, 'fetched elsewhere than at the position');
    await this.verify(topic);
    this.seekTo([{ topic, partition }]);
  }

  /** After joining again: a topic that was recreated meanwhile must not be waited on for ever. */
  private async verifyAll(): Promise<void> {
    for (const topic of this.options.topics) await this.verify(topic);
  }

  /** What else goes wrong here is noticed by the session as well. */
  private async verify(topic: string): Promise<void> {
    try {
      const ranges = await offsetRanges(this.kafka, topic);
      for (const [partition, range] of ranges) this.clamp({ topic, partition }, range);
      this.waiters.check(topic);
    } catch (error) {
      if (error instanceof OffsetBeyondEndError) this.fail(error);
    }
  }

  private fail(error: Error): void {
    if (this.waiters.ended) return;
    this.waiters.end(error);
    void this.session.close();
    this.options.fail(error);
  }
}
