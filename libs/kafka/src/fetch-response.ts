import { ByteReader } from './byte-reader.js';
import { FetchedSpan } from './fetched-span.js';
import { OffsetOutOfRangeError } from './offset-errors.js';
import { type AbortedTransaction, lastOffsetOf } from './record-batch.js';

interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly preferredReadReplica: number;
  /** One at most. */
  readonly messages: readonly FetchedSpan[];
}

interface FetchResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[];
}

const outOfRange = 1;

/**
 * Fetch response, version 11 (Kafka protocol, "Fetch Response (Version: 11)"), in the driver's shape.
 * Throws OffsetOutOfRangeError, which ends the consumer: the driver's own answer is to commit and jump to a default offset
 * without a word. A new consumer starts from the positions that its owner holds against what the topic has.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- the driver awaits it; an error must be a rejection
export async function decodeFetchResponse(raw: Buffer): Promise<FetchResponse> {
  const reader = new ByteReader(raw);
  return {
    // The broker has not slept: the client is asked to wait.
    throttleTime: 0,
    clientSideThrottleTime: reader.int32(),
    errorCode: reader.int16(),
    sessionId: reader.int32(),
    responses: reader.array(() => readTopic(reader)),
  };
}

function readTopic(reader: ByteReader): FetchResponse['responses'][number] {
  const topicName = reader.string();
  const partitions = reader.array(() => readPartition(reader));
  const lost = partitions.find(({ errorCode }) => errorCode === outOfRange);
  if (lost !== undefined) throw new OffsetOutOfRangeError({ topic: topicName, partition: lost.partition });
  return { topicName, partitions };
}

function readPartition(reader: ByteReader): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64Text();
  reader.skip(16);
  const aborted = reader.array(() => ({ producerId: reader.int64Text(), firstOffset: reader.int64() }));
  const preferredReadReplica = reader.int32();
  const messages = spansOf(reader.bytes(Math.max(0, reader.int32())), aborted);
  return { partition, errorCode, highWatermark, preferredReadReplica, messages };
}

function spansOf(bytes: Buffer, aborted: readonly AbortedTransaction[]): readonly FetchedSpan[] {
  const lastOffset = lastOffsetOf(bytes);
  return lastOffset === undefined ? [] : [new FetchedSpan(lastOffset, bytes, inOrder(aborted))];
}

function inOrder(aborted: readonly AbortedTransaction[]): readonly AbortedTransaction[] {
  return aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
}
