/** A record to be published. The key decides the partition. */
export interface OutgoingRecord {
  readonly key: string;
  readonly value: string | Buffer;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

export interface ChunkLimits {
  readonly maxBytes: number;
  readonly maxRecords: number;
}

/**
 * Cuts records, in order, into what fits one record batch: kafkajs makes one batch per partition of a send.
 * A record that is larger than the limit stands alone.
 */
export function* inChunks(
  records: readonly OutgoingRecord[],
  limits: ChunkLimits,
): Generator<readonly OutgoingRecord[]> {
  let chunk: OutgoingRecord[] = [];
  let bytes = batchOverhead;
  for (const record of records) {
    const size = recordBytes(record);
    if (chunk.length > 0 && (chunk.length === limits.maxRecords || bytes + size > limits.maxBytes)) {
      yield chunk;
      chunk = [];
      bytes = batchOverhead;
    }
    chunk.push(record);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

const batchOverhead = 61;
const varint = 5;
const varlong = 10;

/** Upper bound of the record's size on the wire: length, attributes, timestamp and offset deltas, then the fields. */
export function recordBytes({ key, value, headers = {} }: OutgoingRecord): number {
  const fields = [key, value, ...Object.entries(headers).flat()];
  return fields.reduce((sum, field) => sum + varint + Buffer.byteLength(field), varint + 1 + varlong + varint + varint);
}
