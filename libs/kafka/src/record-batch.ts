import { ByteReader } from './byte-reader.js';
import { decompressRecords } from './record-codec.js';

/** One record in the shape that the driver passes on to its consumers. */
export interface FetchedRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  /** 0 for data, `notData` for what users never see. */
  readonly attributes: number;
  readonly isControlRecord: false;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

/** Marks control records and the end marker. Real records always have 0 here. */
export const notData = -1;

interface BatchHeader {
  readonly baseOffset: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly appendTimestamp: number | undefined;
  readonly codec: number;
  readonly attributes: number;
  readonly context: FetchedRecord['batchContext'];
}

const prefixBytes = 12;
const transactionalBit = 0x10;
const controlBit = 0x20;
const appendTimeBit = 0x08;

/**
 * The records of a fetched partition, then one marker at the last offset of the last whole batch.
 * The marker moves a consumer past what holds no record for it: batches emptied by compaction, control records, aborted
 * transactions. A batch that the fetch cut off at its size limit is left for the next fetch.
 */
export function readRecords(fetched: Buffer): readonly FetchedRecord[] {
  const reader = new ByteReader(fetched);
  const records: FetchedRecord[] = [];
  let lastOffset = -1;
  while (reader.remaining > prefixBytes) {
    const baseOffset = reader.int64();
    const length = reader.int32();
    if (length > reader.remaining) break;
    lastOffset = readBatch(baseOffset, new ByteReader(reader.bytes(length)), records);
  }
  if (lastOffset >= 0) records.push(endMarker(lastOffset));
  return records;
}

function readBatch(baseOffset: number, reader: ByteReader, into: FetchedRecord[]): number {
  const header = readHeader(baseOffset, reader);
  const count = reader.int32();
  if (count > 0) {
    const records = new ByteReader(decompressRecords(header.codec, reader.bytes(reader.remaining)));
    for (let left = count; left > 0; left--) into.push(readRecord(header, records));
  }
  return baseOffset + header.lastOffsetDelta;
}

function readHeader(baseOffset: number, reader: ByteReader): BatchHeader {
  reader.skip(4);
  const magic = reader.int8();
  if (magic !== 2) throw new Error(`a record batch has format ${magic}; formats before 2 left Kafka in version 4`);
  reader.skip(4);
  const attributes = reader.int16();
  const lastOffsetDelta = reader.int32();
  const baseTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const producerId = reader.int64Text();
  reader.skip(6);
  return {
    baseOffset,
    lastOffsetDelta,
    baseTimestamp,
    appendTimestamp: (attributes & appendTimeBit) === 0 ? undefined : maxTimestamp,
    codec: attributes & 0x07,
    attributes: (attributes & controlBit) === 0 ? 0 : notData,
    context: { producerId, inTransaction: (attributes & transactionalBit) !== 0 },
  };
}

function readRecord(header: BatchHeader, reader: ByteReader): FetchedRecord {
  const length = reader.varint();
  const end = reader.remaining - length;
  reader.int8();
  const timestamp = header.baseTimestamp + reader.varint();
  const offset = header.baseOffset + reader.varint();
  const [key, value] = [reader.varBytes(), reader.varBytes()];
  const headerBytes = reader.bytes(reader.remaining - end);
  return new DataRecord(header, { offset, timestamp, key, value, headerBytes });
}

interface DataParts extends Pick<FetchedRecord, 'key' | 'value'> {
  readonly offset: number;
  readonly timestamp: number;
  readonly headerBytes: Buffer;
}

/** Headers are read when they are looked at: a record has a dozen, and most readers want one of them or none. */
class DataRecord implements FetchedRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly attributes: number;
  readonly isControlRecord = false;
  readonly batchContext: FetchedRecord['batchContext'];
  private readonly headerBytes: Buffer;
  private known: FetchedRecord['headers'] | undefined;

  constructor(header: BatchHeader, { offset, timestamp, key, value, headerBytes }: DataParts) {
    this.offset = String(offset);
    this.timestamp = String(header.appendTimestamp ?? timestamp);
    this.key = key;
    this.value = value;
    this.attributes = header.attributes;
    this.batchContext = header.context;
    this.headerBytes = headerBytes;
  }

  get headers(): FetchedRecord['headers'] {
    this.known ??= readHeaders(new ByteReader(this.headerBytes));
    return this.known;
  }
}

/** Of a name given twice the last value counts; a null value is left out. */
function readHeaders(reader: ByteReader): Readonly<Record<string, Buffer>> {
  const headers: [string, Buffer][] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const name = reader.varBytes()?.toString('utf8') ?? '';
    const value = reader.varBytes();
    if (value !== null) headers.push([name, value]);
  }
  return Object.fromEntries(headers);
}

function endMarker(offset: number): FetchedRecord {
  return {
    offset: String(offset),
    timestamp: '0',
    key: null,
    value: null,
    headers: {},
    attributes: notData,
    isControlRecord: false,
    batchContext: { producerId: '-1', inTransaction: false },
  };
}
