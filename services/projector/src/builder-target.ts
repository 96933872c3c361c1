import type { OffsetVector } from '@hybrid-sync/domain';
import type { Generation } from '@hybrid-sync/store';

export interface CatchingUp {
  /** The active generation, which is held. */
  readonly from: Pick<Generation, 'incarnation'>;
  readonly generation: Pick<Generation, 'incarnation'>;
  /** Of the active generation. */
  readonly applied: OffsetVector;
}

/**
 * What must have been applied for the switch: all that the active generation has applied. Offsets of another incarnation
 * of the topic say nothing here: then it is all that is on the topic. Where the incarnation of the active generation is
 * not known, its offsets count as far as the topic has them.
 */
export async function catchUpTarget(
  { from, generation, applied }: CatchingUp,
  endOffsets: () => Promise<OffsetVector>,
): Promise<OffsetVector> {
  if (from.incarnation === generation.incarnation) return applied;
  const ends = await endOffsets();
  return from.incarnation === null ? lesserOffsets(applied, ends) : ends;
}

/** The partitions of which everything was applied that was there when their ends were looked up. */
export function currentPartitions(applied: OffsetVector, ends: OffsetVector): readonly number[] {
  return [...ends].filter(([partition, end]) => (applied.get(partition) ?? 0) >= end).map(([partition]) => partition);
}

function lesserOffsets(one: OffsetVector, other: OffsetVector): OffsetVector {
  return new Map([...one].map(([partition, next]) => [partition, Math.min(next, other.get(partition) ?? 0)]));
}
