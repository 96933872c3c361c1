import type { Cluster, Consumer, ConsumerGroupJoinEvent, EachBatchPayload, RequestTimeoutEvent } from 'kafkajs';
import { atMost } from './at-most.js';
import { backoffMs, pause } from './backoff.js';
import { driver, type KafkaConnection } from './connection.js';
import { assignerThatShows, type FormerMember, leaveFor } from './former-member.js';
import { failureName, mayPass, rootOf, toError } from './kafka-failure.js';
import { OffsetOutOfRangeError } from './offset-errors.js';
import type { TopicPartition } from './topic-partition.js';

export interface SessionPlan {
  /** Asked for each consumer: a reader that is alone takes a new group and waits for nobody. */
  readonly groupId: () => string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly partitionsConcurrently: number;
  /** The driver's defaults where they are missing. */
  readonly fetchSizes?: { readonly maxBytesPerPartition?: number; readonly maxBytes?: number };
  /** Before the first fetch of an assignment, in the same turn of the event loop. */
  joined(partitions: readonly TopicPartition[]): void;
  /** The broker refused to fetch from the position of a partition. Followed by `left` and, with a new consumer, `joined`. */
  outOfRange(at: TopicPartition): void;
  /** The assignment is gone. Also called when there was none. */
  left(): void;
  batch(payload: EachBatchPayload): Promise<void>;
  /** Nothing will come any more. */
  fail(error: Error): void;
}

/** Longest wait of a fetch that finds nothing. It does not delay records: the broker answers as soon as there is one. */
const maxWaitTimeInMs = 100;
const calmMs = 60_000;
const patienceMs = 30_000;
/** Enough for a broker that answers at all: the driver waits for requests in flight. */
export const longestCloseMs = 3_000;

/**
 * A consumer in a group that outlives its connections. It is replaced by a new one, after a pause, when it crashes for a
 * passing reason and when no heartbeat got through for a session timeout (the driver keeps a dead socket for ever).
 * A crash that will not pass ends it with `fail`.
 */
export class ConsumerSession {
  private readonly closing = new AbortController();
  private consumer: Consumer | undefined;
  private former: FormerMember | undefined;
  private discarding: Promise<unknown> = Promise.resolve();
  private lastBeat = 0;
  private recovering = false;
  private attempts = 0;
  private startedAt = 0;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly plan: SessionPlan,
  ) {}

  get closed(): AbortSignal {
    return this.closing.signal;
  }

  get heartbeatMs(): number {
    return Math.min(3_000, Math.floor(this.plan.sessionTimeoutMs / 3));
  }

  /** Resolves when the group has been joined. Throws what stands in the way: at once, or after 30 s if it might pass. */
  async open(): Promise<void> {
    const giveUpAt = performance.now() + patienceMs;
    this.recovering = true;
    for (;;) {
      try {
        await this.start();
        break;
      } catch (error) {
        await this.discard();
        if (!mayPass(error) || performance.now() > giveUpAt) throw error;
        await this.waitToRetry(error);
      }
    }
    this.recovering = false;
    this.watch = setInterval(() => {
      this.checkHeartbeat();
    }, this.heartbeatMs);
  }

  seek({ topic, partition }: TopicPartition, offset: number): void {
    this.consumer?.seek({ topic, partition, offset: String(offset) });
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.consumer?.pause(partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })));
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.consumer?.resume(partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })));
  }

  async commit(offsets: readonly (TopicPartition & { readonly nextOffset: number })[]): Promise<void> {
    await this.consumer?.commitOffsets(
      offsets.map(({ topic, partition, nextOffset }) => ({ topic, partition, offset: String(nextOffset) })),
    );
  }

  /** Leaves the group and its connections; waits 3 s at most for a broker that does not answer. */
  async close(): Promise<void> {
    this.closing.abort();
    clearInterval(this.watch);
    await this.discard();
  }

  private async start(): Promise<void> {
    const groupId = this.plan.groupId();
    const clusters: Cluster[] = [];
    const consumer = this.newConsumer(groupId, clusters);
    this.consumer = consumer;
    this.lastBeat = this.startedAt = performance.now();
    const early = this.listen(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.plan.topics], fromBeginning: true });
    await this.leaveFormer(groupId, clusters);
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.plan.partitionsConcurrently,
      eachBatch: async (payload) => {
        if (consumer === this.consumer) await this.plan.batch(payload);
      },
    });
    if (early.error !== undefined) throw early.error;
    if (consumer !== this.consumer) await consumer.disconnect();
  }

  private newConsumer(groupId: string, clusters: Cluster[]): Consumer {
    const { sessionTimeoutMs, fetchSizes } = this.plan;
    return this.connection[driver].kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(60_000, sessionTimeoutMs),
      heartbeatInterval: this.heartbeatMs,
      maxWaitTimeInMs,
      minBytes: 1,
      ...fetchSizes,
      allowAutoTopicCreation: false,
      retry: { retries: 5, restartOnFailure: () => Promise.resolve(false) },
      partitionAssigners: [assignerThatShows((cluster) => clusters.push(cluster))],
    });
  }

  /** The broker may have noticed by itself that the former member is gone. */
  private async leaveFormer(groupId: string, [cluster]: readonly Cluster[]): Promise<void> {
    const { former } = this;
    this.former = undefined;
    if (cluster === undefined || former?.groupId !== groupId) return;
    await leaveFor(cluster, former).catch(() => undefined);
  }

  /**
   * What a consumer does after it was replaced is nobody's business any more.
   * Gives the crash before the first join, which the driver does not throw either.
   */
  private listen(consumer: Consumer): { error?: Error } {
    const early: { error?: Error } = {};
    let hasJoined = false;
    const ifCurrent =
      <E>(act: (event: E) => void) =>
      (event: E): void => {
        if (consumer === this.consumer) act(event);
      };
    const left = ifCurrent(() => {
      this.plan.left();
    });
    consumer.on(consumer.events.REBALANCING, left);
    consumer.on(
      consumer.events.HEARTBEAT,
      ifCurrent(() => {
        this.lastBeat = performance.now();
      }),
    );
    consumer.on(
      consumer.events.REQUEST_TIMEOUT,
      ifCurrent(({ payload: { broker, apiName } }: RequestTimeoutEvent) => {
        this.sayUnanswered(broker, apiName);
      }),
    );
    consumer.on(
      consumer.events.GROUP_JOIN,
      ifCurrent(({ payload }: ConsumerGroupJoinEvent) => {
        hasJoined = true;
        this.lastBeat = performance.now();
        this.former = { groupId: payload.groupId, memberId: payload.memberId };
        this.plan.joined(partitionsOf(payload.memberAssignment));
      }),
    );
    consumer.on(
      consumer.events.CRASH,
      ifCurrent(({ payload: { error } }) => {
        if (hasJoined) void this.recover(error, mayPass(error));
        else early.error = error;
      }),
    );
    return early;
  }

  /** The driver asks again for a minute and a half before it says a word. */
  private sayUnanswered(broker: string, request: string): void {
    const { log } = this.connection[driver];
    log.warn({ topics: this.plan.topics, broker, request }, 'broker does not answer a consumer, retrying');
  }

  private checkHeartbeat(): void {
    const silentMs = performance.now() - this.lastBeat;
    if (silentMs < this.plan.sessionTimeoutMs || this.recovering) return;
    void this.recover(new Error(`no heartbeat got through for ${Math.round(silentMs)} ms`), true);
  }

  private async recover(cause: Error, passing: boolean): Promise<void> {
    if (this.recovering) return;
    this.recovering = true;
    const root = rootOf(cause);
    if (root instanceof OffsetOutOfRangeError) this.plan.outOfRange(root.at);
    this.plan.left();
    void this.discard();
    const failure = passing ? await this.restart(cause) : cause;
    this.recovering = false;
    if (failure !== undefined && !this.closed.aborted) this.end(failure);
  }

  /** Gives what will not pass, or nothing once a new consumer has joined. */
  private async restart(cause: unknown): Promise<unknown> {
    await this.waitToRetry(cause);
    if (this.closed.aborted) return undefined;
    try {
      await this.start();
      return undefined;
    } catch (error) {
      void this.discard();
      return mayPass(error) ? this.restart(error) : error;
    }
  }

  private async waitToRetry(error: unknown): Promise<void> {
    this.attempts = performance.now() - this.startedAt > calmMs ? 1 : this.attempts + 1;
    const waitMs = backoffMs(this.attempts);
    const { log } = this.connection[driver];
    log.warn({ topics: this.plan.topics, err: error, reason: failureName(error), waitMs }, 'consumer is restarted');
    await pause(waitMs, this.closed);
  }

  private end(error: unknown): void {
    clearInterval(this.watch);
    this.closing.abort();
    this.plan.fail(toError(error));
  }

  private discard(): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    if (consumer !== undefined)
      this.discarding = Promise.all([
        this.discarding,
        atMost(
          longestCloseMs,
          consumer.disconnect().catch(() => undefined),
        ),
      ]);
    return this.discarding.then(() => undefined);
  }
}

function partitionsOf(assignment: Readonly<Record<string, readonly number[]>>): readonly TopicPartition[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
