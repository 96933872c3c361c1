import type { EachBatchPayload } from 'kafkajs';
import { backoffMs, pause } from './backoff.js';
import { sliceFrom, type Standing, standingAt } from './batch-slice.js';
import { driver, type KafkaConnection } from './connection.js';
import { ConsumerSession } from './consumer-session.js';
import { type FetchedBatch, fetchedBatch } from './fetched-batch.js';
import type { GroupMember, GroupOptions, RecordBatch } from './group-handler.js';
import { whileBeating } from './heartbeat.js';
import { OffsetCommits } from './offset-commits.js';
import { OffsetBeyondEndError } from './offset-errors.js';
import { type OffsetRange, offsetRanges } from './offset-vector.js';
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
  /** What the broker would not fetch: more than its end offset, which a new leader may report too low, proves a loss. */
  private refused: (TopicPartition & { readonly position: number | undefined }) | undefined;

  constructor(
    private readonly kafka: KafkaConnection,
    private readonly options: GroupOptions,
  ) {
    this.session = new ConsumerSession(kafka, {
      groupId: () => options.groupId,
      topics: options.topics,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
      partitionsConcurrently: options.partitionsConcurrently ?? 1,
      joined: (partitions) => {
        this.begin(partitions);
      },
      outOfRange: ({ topic, partition }) => {
        this.refused = { topic, partition, position: this.standings.get({ topic, partition })?.position };
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
      const placed = await this.untilDone('positions could not be read', tenure, () => this.positionsOf(partitions));
      if (placed !== undefined && !tenure.aborted) this.resumeAt(placed);
    } catch (error) {
      // Anything else is the consumer being replaced: it joins again and asks again.
      if (error instanceof OffsetBeyondEndError) this.fail(error);
    }
  }

  private async positionsOf(partitions: readonly TopicPartition[]): Promise<readonly (TopicPartition & Standing)[]> {
    const asked = await this.options.handler.assigned(partitions);
    const ranges = new Map<string, ReadonlyMap<number, OffsetRange>>();
    for (const { topic } of partitions) ranges.set(topic, ranges.get(topic) ?? (await offsetRanges(this.kafka, topic)));
    return partitions.map(({ topic, partition }) => {
      const at = { topic, partition };
      const answer = asked.find((one) => one.topic === topic && one.partition === partition);
      if (answer === undefined) throw new Error(`no position was given for ${topic}/${partition}`);
      const range = ranges.get(topic)?.get(partition) ?? { start: 0, end: 0 };
      this.requireKept(at, answer.nextOffset, range);
      return { ...at, ...standingAt(answer.nextOffset, range) };
    });
  }

  private requireKept(at: TopicPartition, position: number, { start, end }: OffsetRange): void {
    const { refused } = this;
    if (refused?.topic !== at.topic || refused.partition !== at.partition) return;
    if (refused.position === position && position >= start) throw new OffsetBeyondEndError(at, position, end);
    this.refused = undefined;
  }

  private resumeAt(placed: readonly (TopicPartition & Standing)[]): void {
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
    const { topic, partition } = fetched;
    const applied = slice.kind === 'next' && (await this.applied({ topic, partition, ...slice }, tenure, payload));
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
