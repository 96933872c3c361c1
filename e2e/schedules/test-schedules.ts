import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { environment } from '@hybrid-sync/devstack';
import { Lane } from './lane.js';
import { scheduleOf, type Schedule } from './schedule.js';

/** Of a whole run: its schedules are all under way from the start, and a test ends when its own has. */
const patience = 6 * 3_600_000;

/** One test for each seed. */
export function testSchedules(seeds: readonly number[]): void {
  const lanes = { 1: new Lane(1), 2: new Lane(2) };
  const runs = new Map<number, Promise<void>>();

  beforeAll(() => {
    for (const schedule of seeds.map(scheduleOf).map(shortened)) runs.set(schedule.seed, run(schedule));
  });
  afterAll(async () => {
    await Promise.all([lanes[1].close(), lanes[2].close()]);
  }, patience);

  describe('after a schedule of revocations, reorgs, faults and ends of processes', () => {
    it.each(seeds)('the topic is the chain (SCHEDULE_SEED=%i)', async (seed) => runs.get(seed), patience);
  });

  function run(schedule: Schedule): Promise<void> {
    const outcome = lanes[schedule.endpoints].run(schedule);
    // It is looked at when its test's turn has come.
    outcome.catch(() => undefined);
    return outcome;
  }
}

/** `SCHEDULE_SEED=4711` asks for one schedule, `SCHEDULE_SEED=1-50` for all of these; null where nothing is asked for. */
export function wantedSeeds(): readonly number[] | null {
  const { SCHEDULE_SEED: wanted } = environment();
  if (wanted === undefined) return null;
  const [first = 0, last = first] = wanted.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** `SCHEDULE_STEPS=0,3,4` leaves out the other steps: how a failure is made smaller by hand. */
function shortened(schedule: Schedule): Schedule {
  const { SCHEDULE_STEPS: wanted } = environment();
  const kept = wanted?.split(',').map(Number);
  return { ...schedule, steps: schedule.steps.filter((_, index) => kept?.includes(index) ?? true) };
}
