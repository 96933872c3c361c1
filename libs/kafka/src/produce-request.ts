import type { Message } from 'kafkajs';
import { ByteWriter } from './byte-writer.js';
import { crc32c } from './crc32c.js';

/** What the driver's broker is called with. */
export interface ProduceRequest {
  readonly acks: number;
  readonly timeout: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence: number;
      readonly messages: readonly Message[];
    }[];
  }[];
}

type PartitionData = ProduceRequest['topicData'][number]['partitions'][number];

/**
 * Produce request, version 7, without a transaction and uncompressed (Kafka protocol, "Produce Request (Version: 7)").
 * The driver's own encoder makes the same bytes with a zeroed buffer of 512 bytes for every record and every header.
 */
export function encodeProduceRequest(request: ProduceRequest, now: number): Buffer {
  const writer = new ByteWriter(64 * 1024);
  writer.int16(-1);
  writer.int16(request.acks);
  writer.int32(request.timeout);
  writer.int32(request.topicData.length);
  for (const { topic, partitions } of request.topicData) {
    writer.string(topic);
    writer.int32(partitions.length);
    for (const data of partitions) {
      writer.int32(data.partition);
      const lengthAt = writer.size;
      writer.int32(0);
      writeBatch(writer, request, data, now);
      writer.patchInt32(writer.size - lengthAt - 4, lengthAt);
    }
  }
  return writer.written();
}

function writeBatch(
  writer: ByteWriter,
  { producerId, producerEpoch }: ProduceRequest,
  { messages, firstSequence }: PartitionData,
  now: number,
): void {
  writer.int64(0n);
  const lengthAt = writer.size;
  writer.int32(0);
  writer.int32(0);
  writer.int8(2);
  const crcAt = writer.size;
  writer.int32(0);
  const bodyAt = writer.size;
  writer.int16(0);
  writer.int32(messages.length - 1);
  writer.int64(BigInt(now));
  writer.int64(BigInt(now));
  writer.int64(BigInt(producerId));
  writer.int16(producerEpoch);
  writer.int32(firstSequence);
  writeRecords(writer, messages);
  writer.patchInt32(writer.size - lengthAt - 4, lengthAt);
  writer.patchInt32(crc32c(writer.written(bodyAt)), crcAt);
}

function writeRecords(writer: ByteWriter, messages: readonly Message[]): void {
  const record = new ByteWriter(4 * 1024);
  writer.int32(messages.length);
  for (const [index, { key, value, headers = {} }] of messages.entries()) {
    record.clear();
    record.int8(0);
    record.varint(0);
    record.varint(index);
    record.varBytes(key ?? '');
    record.varBytes(value ?? '');
    writeHeaders(record, headers);
    writer.varint(record.size);
    writer.bytes(record.written());
  }
}

function writeHeaders(record: ByteWriter, headers: NonNullable<Message['headers']>): void {
  const entries = Object.entries(headers);
  record.varint(entries.length);
  for (const [name, value] of entries) {
    if (value === undefined || Array.isArray(value)) throw new TypeError(`header ${name} is not one value`);
    record.varBytes(name);
    record.varBytes(value);
  }
}
