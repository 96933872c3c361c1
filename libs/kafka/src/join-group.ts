import type { EachBatchPayload } from 'kafkajs';
import { ApplyQueue } from './apply-queue.js';
import { atMost } from './at-most.js';
import { backoffMs, pause } from './backoff.js';
import { type NextSlice, sliceFrom, type Standing } from './batch-slice.js';
import { driver, type KafkaConnection } from './connection.js';
import { ConsumerSession, longestCloseMs, type SessionPlan } from './consumer-session.js';
import { type FetchedBatch, fetchedBatch } from './fetched-batch.js';
import type { GroupMember, GroupOptions, RecordBatch } from './group-handler.js';
import { whileBeating } from './heartbeat.js';
import { toError } from './kafka-failure.js';
import { OffsetCommits } from './offset-commits.js';
import { OffsetBeyondEndError } from './offset-errors.js';
import { offsetRanges } from './offset-vector.js';
import { type Placement, placePartitions } from './placement.js';
import { PartitionMap, type TopicPartition } from './topic-partition.js';

/** Throws when a topic does not exist or the group cannot be joined. */
export async function joinGroup(kafka: KafkaConnection, options: GroupOptions): Promise<GroupMember> {
  const member = new Member(kafka, options);
  await member.open();
  return member;
}

class Member implements GroupMember {
  /** Of what has been fetched; what was applied may be some batches behind. */
  private readonly standings = new PartitionMap<Standing>();
  private readonly queue: ApplyQueue;
  private readonly session: ConsumerSession;
  private readonly commits: OffsetCommits;
  /** Aborted when the assignment that it stands for is gone. */
  private tenure: AbortController | undefined;
  private readonly refused = new PartitionMap<number>();

  constructor(
    private readonly kafka: KafkaConnection,
    private readonly options: GroupOptions,
  ) {
    const { partitionsConcurrently = 1, aheadBytes = 0 } = options;
    this.queue = new ApplyQueue({ concurrently: partitionsConcurrently, aheadBytes });
    this.session = new ConsumerSession(kafka, {
      groupId: () => options.groupId,
      topics: options.topics,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
      partitionsConcurrently,
      fetchSizes: fetchSizesOf(options),
      joined: (partitions) => {
        this.begin(partitions);
      },
      outOfRange: (at) => {
        const standing = this.standings.get(at);
        if (standing !== undefined) this.refused.set(at, standing.position);
      },
      left: () => {
        this.release();
      },
      batch: (payload) => this.take(payload),
      fail: (error) => {
        options.fail(error);
      },
    });
    this.commits = new OffsetCommits((offsets) => this.session.commit(offsets));
  }

  open(): Promise<void> {
    return this.session.open();
  }

  async close(): Promise<void> {
    this.release();
    await this.commits.flush();
    await Promise.all([this.session.close(), atMost(longestCloseMs, this.queue.quiet())]);
  }

  private begin(partitions: readonly TopicPartition[]): void {
    this.release();
    if (partitions.length === 0) return;
    const tenure = new AbortController();
    this.tenure = tenure;
    void this.place(partitions, tenure.signal);
  }

  private release(): void {
    if (this.tenure === undefined) return;
    this.tenure.abort();
    this.tenure = undefined;
    this.standings.clear();
    this.queue.drop();
    this.options.handler.lost();
  }

  /** The partitions stay paused until the handler has said where each of them continues. */
  private async place(partitions: readonly TopicPartition[], tenure: AbortSignal): Promise<void> {
    this.session.pause(partitions);
    try {
      let open = partitions;
      for (let attempt = 1; open.length > 0; attempt++) {
        await this.queue.quiet(open);
        const placement = await this.placement(open, tenure);
        if (placement === undefined || tenure.aborted) return;
        this.resumeAt(placement.placed);
        open = placement.held;
        if (open.length > 0) await this.holdOn(open, attempt, tenure);
      }
    } catch (error) {
      // Anything else is the consumer being replaced: it joins again and asks again.
      if (error instanceof OffsetBeyondEndError) this.fail(error);
    }
  }

  private placement(partitions: readonly TopicPartition[], tenure: AbortSignal): Promise<Placement | undefined> {
    const { handler } = this.options;
    const rangesOf = (topic: string): ReturnType<typeof offsetRanges> => offsetRanges(this.kafka, topic);
    const placing = { handler, refused: this.refused, rangesOf };
    return this.untilDone('positions could not be read', tenure, () => placePartitions(partitions, placing));
  }

  private async holdOn(held: readonly TopicPartition[], attempt: number, tenure: AbortSignal): Promise<void> {
    const { log } = this.kafka[driver];
    if (attempt === 1) log.warn({ groupId: this.options.groupId, held }, 'partitions are held');
    await pause(backoffMs(attempt), tenure);
  }

  private resumeAt(placed: Placement['placed']): void {
    for (const { topic, partition, position, floor } of placed) {
      this.standings.set({ topic, partition }, { position, floor });
      this.session.seek({ topic, partition }, Math.max(position, floor));
    }
    this.session.resume(placed);
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    const tenure = this.tenure?.signal;
    const fetched = fetchedBatch(payload.batch);
    const standing = this.standings.get(fetched);
    if (tenure === undefined || standing === undefined) return;
    const slice = sliceFrom(standing, fetched);
    if (slice.kind === 'elsewhere') {
      this.replace(fetched, tenure);
      return;
    }
    const { topic, partition, bytes, nextOffset } = fetched;
    payload.resolveOffset(payload.batch.lastOffset());
    this.standings.set(fetched, { position: nextOffset, floor: 0 });
    const apply = (): Promise<void> => this.apply(fetched, slice, tenure);
    await whileBeating(this.queue.push({ topic, partition, bytes, apply }), {
      heartbeat: () => payload.heartbeat(),
      everyMs: this.session.heartbeatMs,
      evicted: () => {
        if (!tenure.aborted) this.release();
      },
    });
  }

  private async apply(fetched: FetchedBatch, slice: NextSlice, tenure: AbortSignal): Promise<void> {
    const batch = this.recordBatch(fetched, slice);
    if (batch === undefined) return;
    const outcome = await this.untilDone('batch could not be applied', tenure, () => this.options.handler.apply(batch));
    if (tenure.aborted) return;
    const { topic, partition, nextOffset } = batch;
    if (outcome === 'stale') this.replace(batch, tenure);
    else if (this.options.commit) this.commits.add({ topic, partition, nextOffset });
  }

  /** Undefined, and the member has failed, where the bytes cannot be read: they will be the same the next time. */
  private recordBatch(fetched: FetchedBatch, { fromOffset, recordsFrom }: NextSlice): RecordBatch | undefined {
    const { topic, partition, nextOffset, endOffset } = fetched;
    try {
      return { topic, partition, fromOffset, nextOffset, endOffset, records: fetched.recordsFrom(recordsFrom) };
    } catch (error) {
      this.fail(toError(error));
      return undefined;
    }
  }

  /** Asks the handler again; nothing of the partition is applied meanwhile. */
  private replace({ topic, partition }: TopicPartition, tenure: AbortSignal): void {
    const at = { topic, partition };
    const { log } = this.kafka[driver];
    log.warn({ ...at, fetched: this.standings.get(at)?.position }, 'position is asked for again');
    this.standings.delete(at);
    this.queue.drop(at);
    void this.place([at], tenure);
  }

  /** Again and again, with pauses, while the assignment lasts; then undefined. A position beyond the end is thrown. */
  private async untilDone<T>(failing: string, tenure: AbortSignal, step: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; !tenure.aborted; attempt++) {
      try {
        return await step();
      } catch (error) {
        if (error instanceof OffsetBeyondEndError) throw error;
        const waitMs = backoffMs(attempt);
        const { log } = this.kafka[driver];
        log.warn({ groupId: this.options.groupId, err: error, attempt, waitMs }, `${failing}, retrying`);
        await pause(waitMs, tenure);
      }
    }
    return undefined;
  }

  private fail(error: Error): void {
    if (this.session.closed.aborted) return;
    this.release();
    void this.session.close();
    this.options.fail(error);
  }
}

function fetchSizesOf({ maxBytesPerPartition, maxBytes }: GroupOptions): NonNullable<SessionPlan['fetchSizes']> {
  return {
    ...(maxBytesPerPartition === undefined ? {} : { maxBytesPerPartition }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  };
}
