import type { EachBatchPayload } from 'kafkajs';
import { backoffMs, pause } from './backoff.js';
import { sliceFrom, type Standing } from './batch-slice.js';
import { driver, type KafkaConnection } from './connection.js';
import { ConsumerSession, type SessionPlan } from './consumer-session.js';
import { type FetchedBatch, fetchedBatch } from './fetched-batch.js';
import type { GroupMember, GroupOptions, RecordBatch } from './group-handler.js';
import { whileBeating } from './heartbeat.js';
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
  private readonly standings = new PartitionMap<Standing>();
  private readonly session: ConsumerSession;
  private readonly commits: OffsetCommits;
  /** Aborted when the assignment that it stands for is gone. */
  private tenure: AbortController | undefined;
  private readonly refused = new PartitionMap<number>();

  constructor(
    private readonly kafka: KafkaConnection,
    private readonly options: GroupOptions,
  ) {
    this.session = new ConsumerSession(kafka, {
      groupId: () => options.groupId,
      topics: options.topics,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
      partitionsConcurrently: options.partitionsConcurrently ?? 1,
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
    await this.session.close();
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
    this.options.handler.lost();
  }

  /** The partitions stay paused until the handler has said where each of them continues. */
  private async place(partitions: readonly TopicPartition[], tenure: AbortSignal): Promise<void> {
    this.session.pause(partitions);
    try {
      let open = partitions;
      for (let attempt = 1; open.length > 0; attempt++) {
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
    const { batch } = payload;
    const tenure = this.tenure?.signal;
    const fetched = fetchedBatch(batch);
    const standing = this.standings.get(fetched);
    if (tenure === undefined || standing === undefined) return;
    const slice = sliceFrom(standing, fetched);
    const { topic, partition, endOffset } = fetched;
    const next = slice.kind === 'next' ? { topic, partition, endOffset, ...slice } : undefined;
    const applied = next !== undefined && (await this.applied(next, tenure, payload));
    if (tenure.aborted) return;
    if (!applied) {
      this.replace(fetched, tenure);
      return;
    }
    payload.resolveOffset(batch.lastOffset());
    this.standings.set(fetched, { position: fetched.nextOffset, floor: 0 });
    if (this.options.commit) this.commits.add({ topic, partition, nextOffset: fetched.nextOffset });
  }

  /** False when stale or when the assignment has gone meanwhile. */
  private async applied(batch: RecordBatch, tenure: AbortSignal, payload: EachBatchPayload): Promise<boolean> {
    const work = this.untilDone('batch could not be applied', tenure, () => this.options.handler.apply(batch));
    const outcome = await whileBeating(work, {
      heartbeat: () => payload.heartbeat(),
      everyMs: this.session.heartbeatMs,
      evicted: () => {
        if (!tenure.aborted) this.release();
      },
    });
    return outcome === 'applied';
  }

  /** Asks the handler again; nothing of the partition is applied meanwhile. */
  private replace({ topic, partition, fetchedOffset }: FetchedBatch, tenure: AbortSignal): void {
    const position = this.standings.get({ topic, partition })?.position;
    const { log } = this.kafka[driver];
    log.warn({ topic, partition, position, fetchedOffset }, 'position is asked for again');
    void this.place([{ topic, partition }], tenure);
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
