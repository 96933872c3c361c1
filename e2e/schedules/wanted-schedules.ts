import { environment } from '@hybrid-sync/devstack';
import type { Seeded } from './lane.js';

/** `SCHEDULE_SEED=4711` asks for one schedule, `SCHEDULE_SEED=1-50` for all of these; null where nothing is asked for. */
export function wantedSeeds(variable: string): readonly number[] | null {
  const wanted = environment()[variable];
  if (wanted === undefined) return null;
  const [first = 0, last = first] = wanted.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** `SCHEDULE_STEPS=0,3,4` leaves out the other steps: how a failure is made smaller by hand. */
export function shortened<S extends Seeded>(schedule: S): S {
  const { SCHEDULE_STEPS: wanted } = environment();
  const kept = wanted?.split(',').map(Number);
  return { ...schedule, steps: schedule.steps.filter((_, index) => kept?.includes(index) ?? true) };
}
