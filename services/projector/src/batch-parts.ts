import type { LogRecord, RecordBatch } from '@hybrid-sync/kafka';

export interface PartLimits {
  readonly records: number;
  /** Of the values. One record is never too large. */
  readonly bytes: number;
}

/** A batch cut into consecutive ones, so that no transaction grows without bound. */
export function partsOf(batch: RecordBatch, limits: PartLimits): readonly RecordBatch[] {
  const { records } = batch;
  const cuts = [0];
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const size = record.value?.length ?? 0;
    const from = cuts.at(-1) ?? 0;
    if (index > from && (index - from >= limits.records || bytes + size > limits.bytes)) {
      cuts.push(index);
      bytes = 0;
    }
    bytes += size;
  }
  return cutAt(batch, cuts);
}

/** Two halves of a batch of two records and more. */
export function halvesOf(batch: RecordBatch): readonly RecordBatch[] {
  return cutAt(batch, [0, Math.ceil(batch.records.length / 2)]);
}

/** Offsets that hold no record belong to the part before them. */
function cutAt(batch: RecordBatch, cuts: readonly number[]): readonly RecordBatch[] {
  const { records } = batch;
  return cuts.map((from, index) => {
    const next = cuts[index + 1];
    return {
      ...batch,
      records: cuts.length === 1 ? records : records.slice(from, next),
      fromOffset: from === 0 ? batch.fromOffset : offsetAt(records, from),
      nextOffset: next === undefined ? batch.nextOffset : offsetAt(records, next),
    };
  });
}

function offsetAt(records: readonly LogRecord[], index: number): number {
  const record = records[index];
  if (record === undefined) throw new RangeError(`no record ${index} among ${records.length}`);
  return record.offset;
}
