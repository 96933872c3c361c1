import { backoffMs, pause } from './backoff.js';
import { driver, type KafkaConnection } from './connection.js';
import { IdempotentProducer } from './idempotent-producer.js';
import { failureName, mayPass } from './kafka-failure.js';
import type { OffsetVector } from './offset-vector.js';
import { PublishAbandonedError, RecordsRefusedError, RecordTooLargeError } from './publish-errors.js';
import { type ChunkLimits, inChunks, type OutgoingRecord, recordBytes } from './record-chunks.js';

export interface Publisher {
  /**
   * One send in flight at a time: later calls queue. Resolves with the next offset of every partition touched, when every
   * replica in sync has the records. Tries until then, or until the publisher is closed or its signal aborts
   * (PublishAbandonedError). Throws RecordTooLargeError and RecordsRefusedError for what no retry can help; records before
   * the refused one may have been published.
   */
  publish(topic: string, records: readonly OutgoingRecord[]): Promise<OffsetVector>;
  /** Gives up what is not acknowledged yet. */
  close(): Promise<void>;
}

export interface PublisherOptions {
  readonly signal?: AbortSignal;
  /** Largest record batch. Default 900,000; the topic's max.message.bytes is the limit that counts. */
  readonly maxBatchBytes?: number;
  /** Default 2,000. */
  readonly maxBatchRecords?: number;
}

/** Opens no connection before the first record. */
// eslint-disable-next-line @typescript-eslint/require-await -- a promise, so that opening may come to wait for the broker
export async function openPublisher(kafka: KafkaConnection, options: PublisherOptions = {}): Promise<Publisher> {
  return new QueueingPublisher(kafka, options);
}

/** Beyond this no broker is asked: it would close the connection (socket.request.max.bytes) instead of answering. */
const hopelessBytes = 32 * 1024 * 1024;
const refusals: readonly string[] = ['INVALID_RECORD', 'INVALID_TIMESTAMP', 'INVALID_TOPIC_EXCEPTION'];
const tooLarge: readonly string[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

class QueueingPublisher implements Publisher {
  private readonly closing = new AbortController();
  private readonly over: AbortSignal;
  private readonly limits: ChunkLimits;
  private readonly producer: IdempotentProducer;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly kafka: KafkaConnection,
    { signal, maxBatchBytes = 900_000, maxBatchRecords = 2_000 }: PublisherOptions,
  ) {
    this.over = signal === undefined ? this.closing.signal : AbortSignal.any([signal, this.closing.signal]);
    this.limits = { maxBytes: maxBatchBytes, maxRecords: maxBatchRecords };
    this.producer = new IdempotentProducer(kafka);
  }

  publish(topic: string, records: readonly OutgoingRecord[]): Promise<OffsetVector> {
    const mine = this.last.then(() => this.publishAll(topic, records));
    this.last = mine.catch(() => undefined);
    return mine;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.producer.renew();
  }

  private async publishAll(topic: string, records: readonly OutgoingRecord[]): Promise<OffsetVector> {
    const reached = new Map<number, number>();
    for (const chunk of inChunks(records, this.limits)) await this.publishChunk(topic, chunk, reached);
    return reached;
  }

  private async publishChunk(
    topic: string,
    chunk: readonly OutgoingRecord[],
    reached: Map<number, number>,
  ): Promise<void> {
    refuseHopeless(topic, chunk);
    let left = chunk;
    for (let attempt = 1; left.length > 0; attempt++) {
      try {
        const { nextOffsets, unacknowledged } = await this.unlessOver(topic, this.producer.send(topic, left));
        for (const [partition, next] of nextOffsets) reached.set(partition, next);
        left = unacknowledged;
      } catch (error) {
        const halves = await this.afterFailure(topic, left, error);
        if (halves === undefined) {
          await this.waitToRetry(topic, attempt, error);
          continue;
        }
        for (const half of halves) await this.publishChunk(topic, half, reached);
        return;
      }
    }
  }

  /** Nothing: the same records again. Halves: the batch was too large as a whole. Throws what cannot be retried. */
  private async afterFailure(
    topic: string,
    chunk: readonly OutgoingRecord[],
    error: unknown,
  ): Promise<readonly (readonly OutgoingRecord[])[] | undefined> {
    if (error instanceof PublishAbandonedError) throw error;
    if (mayPass(error)) {
      await this.producer.reconnect();
      return undefined;
    }
    await this.producer.renew();
    const reason = failureName(error);
    if (refusals.includes(reason)) throw new RecordsRefusedError(topic, reason, { cause: error });
    if (!tooLarge.includes(reason)) return undefined;
    const [first, ...others] = chunk;
    if (first !== undefined && others.length === 0) throw recordTooLarge(topic, first, error);
    const middle = Math.ceil(chunk.length / 2);
    return [chunk.slice(0, middle), chunk.slice(middle)];
  }

  private async waitToRetry(topic: string, attempt: number, error: unknown): Promise<void> {
    const waitMs = backoffMs(attempt);
    const { log } = this.kafka[driver];
    log.warn(
      { topic, attempt, waitMs, reason: failureName(error), err: error },
      'records could not be published, retrying',
    );
    await pause(waitMs, this.over);
  }

  private async unlessOver<T>(topic: string, work: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => {
      reject(new PublishAbandonedError(topic));
    };
    if (this.over.aborted) giveUp();
    this.over.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([promise, work]);
    } finally {
      this.over.removeEventListener('abort', giveUp);
      work.catch(() => undefined);
    }
  }
}

function refuseHopeless(topic: string, chunk: readonly OutgoingRecord[]): void {
  const [first] = chunk;
  if (first !== undefined && recordBytes(first) > hopelessBytes) throw recordTooLarge(topic, first);
}

function recordTooLarge(topic: string, record: OutgoingRecord, cause?: unknown): RecordTooLargeError {
  return new RecordTooLargeError(topic, Buffer.byteLength(record.key), recordBytes(record), { cause });
}
