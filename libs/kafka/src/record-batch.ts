import { ByteReader } from './byte-reader.js';
import { decompressRecords } from './record-codec.js';

/** One record as it lies in a batch. Buffers are views of the fetched bytes. */
export interface BatchedRecord {
  readonly offset: number;
  /** Milliseconds since epoch, as the writer or the broker stamped it. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** See readHeaders and findHeader. */
  readonly headerBytes: Buffer;
}

/** A transaction that was given up: what its producer wrote in transactions from there, up to the marker of its end. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: number;
}

interface BatchHeader {
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  readonly appendTimestamp: number | undefined;
  readonly codec: number;
  readonly isControl: boolean;
  readonly inTransaction: boolean;
  readonly producerId: string;
}

const prefixBytes = 12;
const transactionalBit = 0x10;
const controlBit = 0x20;
const appendTimeBit = 0x08;
/** The second half of a control record's key, which says that a transaction was given up. */
const abortMarker = 0;

/**
 * The last offset of the last whole batch; undefined where there is none. It may hold no record: compaction empties batches.
 * A batch that the fetch cut off at its size limit is left for the next fetch.
 */
export function lastOffsetOf(fetched: Buffer): number | undefined {
  let lastOffset: number | undefined;
  for (const { baseOffset, bytes } of wholeBatches(fetched)) lastOffset = baseOffset + lastOffsetDeltaOf(bytes);
  return lastOffset;
}

/**
 * The records from an offset on, in order: without control records, and without those of transactions that were given up.
 * @param aborted in the order of their first offsets
 */
export function recordsIn(
  fetched: Buffer,
  { from, aborted }: { readonly from: number; readonly aborted: readonly AbortedTransaction[] },
): readonly BatchedRecord[] {
  const records: BatchedRecord[] = [];
  const givenUp = new GivenUp(aborted);
  for (const { baseOffset, bytes } of wholeBatches(fetched)) {
    const reader = new ByteReader(bytes);
    const header = readHeader(baseOffset, reader);
    const found = readBatch(header, reader);
    if (givenUp.holds(header, found)) continue;
    for (const record of found) if (record.offset >= from) records.push(record);
  }
  return records;
}

interface WholeBatch {
  readonly baseOffset: number;
  readonly bytes: Buffer;
}

function* wholeBatches(fetched: Buffer): Generator<WholeBatch> {
  const reader = new ByteReader(fetched);
  while (reader.remaining > prefixBytes) {
    const baseOffset = reader.int64();
    const length = reader.int32();
    if (length > reader.remaining) return;
    yield { baseOffset, bytes: reader.bytes(length) };
  }
}

function lastOffsetDeltaOf(batch: Buffer): number {
  const reader = new ByteReader(batch);
  skipToAttributes(reader);
  reader.skip(2);
  return reader.int32();
}

function skipToAttributes(reader: ByteReader): void {
  reader.skip(4);
  const magic = reader.int8();
  if (magic !== 2) throw new Error(`a record batch has format ${magic}; formats before 2 left Kafka in version 4`);
  reader.skip(4);
}

function readHeader(baseOffset: number, reader: ByteReader): BatchHeader {
  skipToAttributes(reader);
  const attributes = reader.int16();
  reader.skip(4);
  const baseTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const producerId = reader.int64Text();
  reader.skip(6);
  return {
    baseOffset,
    baseTimestamp,
    appendTimestamp: (attributes & appendTimeBit) === 0 ? undefined : maxTimestamp,
    codec: attributes & 0x07,
    isControl: (attributes & controlBit) !== 0,
    inTransaction: (attributes & transactionalBit) !== 0,
    producerId,
  };
}

function readBatch(header: BatchHeader, reader: ByteReader): readonly BatchedRecord[] {
  const count = reader.int32();
  if (count <= 0) return [];
  const bytes = new ByteReader(decompressRecords(header.codec, reader.bytes(reader.remaining)));
  return Array.from({ length: count }, () => readRecord(header, bytes));
}

function readRecord({ baseOffset, baseTimestamp, appendTimestamp }: BatchHeader, reader: ByteReader): BatchedRecord {
  const length = reader.varint();
  const end = reader.remaining - length;
  reader.int8();
  const timestamp = baseTimestamp + reader.varint();
  const offset = baseOffset + reader.varint();
  const [key, value] = [reader.varBytes(), reader.varBytes()];
  const headerBytes = reader.bytes(reader.remaining - end);
  return { offset, timestamp: appendTimestamp ?? timestamp, key, value, headerBytes };
}

/** Follows the transactions that were given up through the batches. */
class GivenUp {
  private readonly ahead: AbortedTransaction[];
  private readonly open = new Set<string>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.ahead = [...aborted];
  }

  /** Whether nobody is to see the records of the batch. */
  holds({ baseOffset, isControl, inTransaction, producerId }: BatchHeader, records: readonly BatchedRecord[]): boolean {
    for (let next = this.ahead[0]; next !== undefined && next.firstOffset <= baseOffset; next = this.ahead[0]) {
      this.open.add(next.producerId);
      this.ahead.shift();
    }
    if (isControl && records[0]?.key?.readInt16BE(2) === abortMarker) this.open.delete(producerId);
    return isControl || (inTransaction && this.open.has(producerId));
  }
}

/** Of a name given twice the last value counts; a null value is left out. */
export function readHeaders(headerBytes: Buffer): Readonly<Record<string, Buffer>> {
  const reader = new ByteReader(headerBytes);
  const headers: [string, Buffer][] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const name = reader.varBytes()?.toString('utf8') ?? '';
    const value = reader.varBytes();
    if (value !== null) headers.push([name, value]);
  }
  return Object.fromEntries(headers);
}

/** The same as `readHeaders(headerBytes)[name]`, at a fraction of the work. */
export function findHeader(headerBytes: Buffer, name: Buffer): Buffer | undefined {
  const reader = new ByteReader(headerBytes);
  let found: Buffer | undefined;
  for (let left = reader.varint(); left > 0; left--) {
    const isNamed = reader.skipVarBytes(name);
    if (isNamed) found = reader.varBytes() ?? found;
    else reader.skipVarBytes();
  }
  return found;
}
