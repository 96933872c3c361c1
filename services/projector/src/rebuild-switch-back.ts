import type { Generation } from '@hybrid-sync/store';

/** What is known when the former generation is to be made the active one again. */
export interface FormerStanding {
  readonly former: Generation | null;
  /** Of the topic as it is now. */
  readonly incarnation: string;
  /** Seconds since everything that was in a partition had been applied, by partition; null where that is not known. */
  readonly currentAges: ReadonlyMap<number, number | null>;
  /** Seconds since the former generation was begun. */
  readonly ageSeconds: number;
  /** For so long the topic keeps tombstones. */
  readonly tombstoneSeconds: number;
}

/** Why there is no going back; null where there is. */
export function switchBackRefusal(standing: FormerStanding): string | null {
  const { former, incarnation, tombstoneSeconds } = standing;
  if (former === null) return 'there is no former generation';
  if (former.incarnation !== incarnation) return 'the former generation is of another incarnation of the topic';
  const stoodStill = stoodStillSeconds(standing);
  return stoodStill < tombstoneSeconds
    ? null
    : `the former generation stood still for ${Math.round(stoodStill)} s: tombstones may be gone that it has not seen`;
}

/** A fold that is younger than that began when every tombstone was there which takes back what it has seen. */
function stoodStillSeconds({ currentAges, ageSeconds }: FormerStanding): number {
  return Math.max(0, ...[...currentAges.values()].map((age) => Math.min(age ?? ageSeconds, ageSeconds)));
}
