import { ByteWriter } from '../byte-writer.js';

export interface WrittenBatch {
  readonly baseOffset: number;
  readonly keys: readonly (string | Buffer)[];
  /** Default: that of the last key. */
  readonly lastOffsetDelta?: number;
  readonly producerId?: bigint;
  readonly inTransaction?: boolean;
  readonly isControl?: boolean;
}

/** A record batch as a broker sends it (Kafka protocol, "Record Batch"), one record for each key. */
export function recordBatch(batch: WrittenBatch): Buffer {
  const { baseOffset, keys, lastOffsetDelta = keys.length - 1, producerId = -1n } = batch;
  const body = new ByteWriter(1024);
  body.int32(0);
  body.int8(2);
  body.int32(0);
  body.int16((batch.inTransaction === true ? 0x10 : 0) | (batch.isControl === true ? 0x20 : 0));
  body.int32(lastOffsetDelta);
  body.int64(0n);
  body.int64(0n);
  body.int64(producerId);
  body.int16(0);
  body.int32(-1);
  body.int32(keys.length);
  for (const [index, key] of keys.entries()) writeRecord(body, index, key);
  const whole = new ByteWriter(1024);
  whole.int64(BigInt(baseOffset));
  whole.int32(body.size);
  whole.bytes(body.written());
  return whole.written();
}

function writeRecord(body: ByteWriter, index: number, key: string | Buffer): void {
  const record = new ByteWriter(64);
  record.int8(0);
  record.varint(0);
  record.varint(index);
  record.varBytes(key);
  record.varBytes('');
  record.bytes(headerBytes([]));
  body.varint(record.size);
  body.bytes(record.written());
}

/** As they end a record; null is a header without a value. */
export function headerBytes(headers: readonly (readonly [string, Uint8Array | null])[]): Buffer {
  const writer = new ByteWriter(64);
  writer.varint(headers.length);
  for (const [name, value] of headers) {
    writer.varBytes(name);
    if (value === null) writer.unsignedVarint(1);
    else writer.varBytes(Buffer.from(value));
  }
  return writer.written();
}
