import { randomUUID } from 'node:crypto';
import type { EachBatchPayload } from 'kafkajs';
import { sliceFrom, type Standing, standingAt } from './batch-slice.js';
import { driver, type KafkaConnection } from './connection.js';
import { ConsumerSession } from './consumer-session.js';
import { type FetchedBatch, fetchedBatch } from './fetched-batch.js';
import { toError } from './kafka-failure.js';
import type { LogReader, LogReaderOptions } from './log-reader.js';
import type { LogRecord } from './log-record.js';
import { OffsetBeyondEndError } from './offset-errors.js';
import { endOffsets, fitsIn, type OffsetRange, offsetRanges, type OffsetVector } from './offset-vector.js';
import { ReachedWaiters } from './reached-waiters.js';
import { PartitionMap, type TopicPartition } from './topic-partition.js';

/**
 * Throws when a topic does not exist or the broker cannot be reached. A topic that is made again while it is read makes
 * the reader fail with OffsetBeyondEndError once the broker has refused its position.
 */
export async function openLogReader(kafka: KafkaConnection, options: LogReaderOptions): Promise<LogReader> {
  const reader = new GroupOfOneReader(kafka, options);
  await reader.open();
  return reader;
}

/** All records of an answer are in memory at once, as objects some times as large. */
const maxFetchBytes = 1024 * 1024;

class GroupOfOneReader implements LogReader {
  private readonly standings = new PartitionMap<Standing>();
  private readonly waiters = new ReachedWaiters((topic) => this.position(topic));
  private readonly session: ConsumerSession;
  private refused: TopicPartition | undefined;

  constructor(
    private readonly kafka: KafkaConnection,
    private readonly options: LogReaderOptions,
  ) {
    this.session = new ConsumerSession(kafka, {
      groupId: () => `${options.groupPrefix}.${randomUUID()}`,
      topics: options.topics,
      sessionTimeoutMs: 10_000,
      partitionsConcurrently: 1,
      fetchSizes: { maxBytes: maxFetchBytes },
      joined: (partitions) => {
        this.joined(partitions);
      },
      outOfRange: (at) => {
        this.refused = at;
      },
      left: () => undefined,
      batch: (payload) => {
        this.take(payload);
        return Promise.resolve();
      },
      fail: (error) => {
        this.fail(error);
      },
    });
  }

  async open(): Promise<void> {
    for (const topic of this.options.topics) {
      const ranges = await offsetRanges(this.kafka, topic);
      const from = this.believed(topic, ranges);
      for (const [partition, range] of ranges) {
        this.place({ topic, partition }, from?.get(partition) ?? range.start, range);
      }
    }
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

  /** Where to begin; undefined where the topic is another one than the offsets were taken from. */
  private believed(topic: string, ranges: ReadonlyMap<number, OffsetRange>): OffsetVector | undefined {
    const from = this.options.from?.get(topic);
    if (from === undefined || fitsIn(from, ranges)) return from;
    const { log } = this.kafka[driver];
    log.warn({ topic }, 'the topic ends before the offsets to begin at: it is read from its beginning');
    return undefined;
  }

  private joined(partitions: readonly TopicPartition[]): void {
    this.seekTo(partitions);
    if (this.refused !== undefined) void this.reconsider(this.refused);
    this.refused = undefined;
  }

  private seekTo(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.session.seek(at, this.standing(at).position);
  }

  private standing(at: TopicPartition): Standing {
    return this.standings.get(at) ?? { position: 0, floor: 0 };
  }

  /** What retention has deleted below the start is skipped. */
  private place(at: TopicPartition, from: number, range: OffsetRange): void {
    const { position, floor } = standingAt(from, range);
    this.standings.set(at, { position: Math.max(position, floor), floor });
    if (position >= floor) return;
    const { log } = this.kafka[driver];
    log.warn({ ...at, position, start: floor }, 'records were deleted by retention before they were read');
  }

  private take(payload: EachBatchPayload): void {
    const fetched = fetchedBatch(payload.batch);
    const slice = sliceFrom(this.standing(fetched), fetched);
    if (slice.kind === 'elsewhere') {
      this.realign(fetched);
      return;
    }
    if (!this.applied(() => fetched.recordsFrom(slice.recordsFrom))) return;
    payload.resolveOffset(payload.batch.lastOffset());
    this.standings.set(fetched, { position: slice.nextOffset, floor: 0 });
    this.waiters.check(fetched.topic);
  }

  private applied(read: () => readonly LogRecord[]): boolean {
    if (this.waiters.ended) return false;
    try {
      const records = read();
      if (records.length > 0) this.options.apply(records);
      return true;
    } catch (error) {
      this.fail(toError(error));
      return false;
    }
  }

  private realign({ topic, partition, fetchedOffset }: FetchedBatch): void {
    const { position } = this.standing({ topic, partition });
    const { log } = this.kafka[driver];
    log.warn({ topic, partition, fetchedOffset, position }, 'fetched elsewhere than at the position');
    this.seekTo([{ topic, partition }]);
  }

  /** The broker no longer has the position, or never had it. When it cannot be asked, it will refuse again. */
  private async reconsider(at: TopicPartition): Promise<void> {
    const range = (await offsetRanges(this.kafka, at.topic).catch(() => undefined))?.get(at.partition);
    const { position } = this.standing(at);
    if (range === undefined) return;
    if (position >= range.start) {
      this.fail(new OffsetBeyondEndError(at, position, range.end));
      return;
    }
    this.place(at, position, range);
    this.seekTo([at]);
    this.waiters.check(at.topic);
  }

  private fail(error: Error): void {
    if (this.waiters.ended) return;
    this.waiters.end(error);
    void this.session.close();
    this.options.fail(error);
  }
}
