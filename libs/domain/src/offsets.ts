import { z } from 'zod';

/** Next offset per partition: everything below it is meant. A partition that is missing stands at 0. */
export type OffsetVector = ReadonlyMap<number, number>;

const entry = z.record(z.string().regex(/^(0|[1-9][0-9]*)$/), z.int().min(0));

/** An offset vector on a wire: `{ "0": 12, "3": 7 }`. */
export const wireOffsets = entry.transform(
  (record): OffsetVector => new Map(Object.entries(record).map(([partition, next]) => [Number(partition), next])),
);

/** Partitions in ascending order. */
export function encodeOffsets(offsets: OffsetVector): Record<string, number> {
  return Object.fromEntries([...offsets].sort(([a], [b]) => a - b));
}

/** The larger offset of each partition. */
export function maxOffsets(one: OffsetVector, other: OffsetVector): OffsetVector {
  const merged = new Map(one);
  for (const [partition, next] of other) merged.set(partition, Math.max(next, merged.get(partition) ?? 0));
  return merged;
}

/** Whether everything below `wanted` has been applied. */
export function offsetsReached(applied: OffsetVector, wanted: OffsetVector): boolean {
  return [...wanted].every(([partition, next]) => (applied.get(partition) ?? 0) >= next);
}
