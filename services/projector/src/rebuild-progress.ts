import type { OffsetVector } from '@hybrid-sync/domain';

/** How far a generation is on its way to its target. Records are counted by offsets, those that compaction took included. */
export interface RebuildProgress {
  readonly generation: number;
  readonly applied: number;
  readonly target: number;
  /** Since this builder began; null before it has applied anything. */
  readonly recordsPerSecond: number | null;
  /** Null while there is no rate. */
  readonly secondsLeft: number | null;
}

/** A place on the way, and when it was reached, in milliseconds of a clock that never goes back. */
export interface RebuildMoment {
  readonly applied: OffsetVector;
  readonly at: number;
}

export interface RebuildCourse {
  readonly generation: number;
  readonly target: OffsetVector;
  /** Where this builder began. */
  readonly begun: RebuildMoment;
}

export function rebuildProgress({ generation, target, begun }: RebuildCourse, now: RebuildMoment): RebuildProgress {
  const applied = recordsOf(now.applied, target);
  const wanted = recordsOf(target, target);
  const done = applied - recordsOf(begun.applied, target);
  const seconds = (now.at - begun.at) / 1000;
  const rate = done > 0 && seconds > 0 ? done / seconds : null;
  return {
    generation,
    applied,
    target: wanted,
    recordsPerSecond: rate === null ? null : Math.round(rate),
    secondsLeft: applied >= wanted ? 0 : rate === null ? null : Math.ceil((wanted - applied) / rate),
  };
}

/** What lies beyond the target is not counted: it belongs to the tail that a generation follows. */
function recordsOf(offsets: OffsetVector, target: OffsetVector): number {
  return [...target].reduce((sum, [partition, next]) => sum + Math.min(offsets.get(partition) ?? 0, next), 0);
}
