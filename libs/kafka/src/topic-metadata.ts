import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

/** The first version that tells topics of the same name apart: Kafka 2.8. The driver's own end at 6. */
export const metadataVersion = 10;

export interface TopicMetadata {
  readonly topic: string;
  /** Kafka's error code; 0 for none. */
  readonly errorCode: number;
  /** As Kafka prints it; {@link noTopicId} where the cluster gives topics no ids. */
  readonly topicId: string;
  readonly partitions: number;
}

export interface MetadataResponse {
  readonly clientSideThrottleTime: number;
  readonly topics: readonly TopicMetadata[];
}

export const noTopicId = Buffer.alloc(16).toString('base64url');

/**
 * Metadata request, version 10 (Kafka protocol, "Metadata Request (Version: 10)"), which makes no topic. The first byte
 * ends the request header of the flexible versions, which the driver does not know.
 */
export function encodeMetadataRequest(topics: readonly string[]): Buffer {
  const writer = new ByteWriter(1024);
  writer.int8(0);
  writer.unsignedVarint(topics.length + 1);
  for (const topic of topics) {
    writer.bytes(Buffer.alloc(16));
    writer.compactString(topic);
    writer.int8(0);
  }
  // No topics made, no authorized operations, no tagged fields.
  for (const no of [0, 0, 0, 0]) writer.int8(no);
  return writer.written();
}

/** Metadata response, version 10, from behind the correlation id. */
export function decodeMetadataResponse(raw: Buffer): MetadataResponse {
  const reader = new ByteReader(raw);
  reader.skipTaggedFields();
  const clientSideThrottleTime = reader.int32();
  reader.compactArray(() => {
    skipBroker(reader);
  });
  reader.compactString();
  reader.int32();
  return { clientSideThrottleTime, topics: reader.compactArray(() => readTopic(reader)) };
}

function skipBroker(reader: ByteReader): void {
  reader.int32();
  reader.compactString();
  reader.int32();
  reader.compactString();
  reader.skipTaggedFields();
}

function readTopic(reader: ByteReader): TopicMetadata {
  const errorCode = reader.int16();
  const topic = reader.compactString();
  const topicId = reader.bytes(16).toString('base64url');
  reader.int8();
  const partitions = reader.compactArray(() => {
    skipPartition(reader);
  }).length;
  reader.int32();
  reader.skipTaggedFields();
  return { topic, errorCode, topicId, partitions };
}

function skipPartition(reader: ByteReader): void {
  reader.int16();
  reader.skip(12);
  const replicas = ['all', 'in sync', 'offline'];
  replicas.forEach(() => reader.compactArray(() => reader.int32()));
  reader.skipTaggedFields();
}

/** The cluster does not number its topics. */
export class TopicIdsMissingError extends Error {
  override readonly name = 'TopicIdsMissingError';

  constructor(of: string) {
    super(
      `the ${of} has no topic ids, by which a topic that was made again is told from the one before: Kafka 2.8 is needed`,
    );
  }
}
