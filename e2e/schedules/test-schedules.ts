import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Lane } from './lane.js';
import { perform } from './performance.js';
import { scheduleOf, type Schedule } from './schedule.js';
import { expectTopicIsChain } from './verdict.js';
import { shortened } from './wanted-schedules.js';
import { World } from './world.js';

/** Of a whole run: its schedules are all under way from the start, and a test ends when its own has. */
const patience = 6 * 3_600_000;

/** One test for each seed. */
export function testSchedules(seeds: readonly number[]): void {
  const lanes = { 1: laneOf(1), 2: laneOf(2) };
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

function laneOf(endpoints: Schedule['endpoints']): Lane<Schedule, World> {
  return new Lane({
    begin: () => World.start(endpoints),
    happen,
    isUsedUp: ({ chain }) => chain.schedulesLeft < 1,
    title: () => (endpoints === 1 ? '1 endpoint' : '2 endpoints'),
    variable: 'SCHEDULE_SEED',
  });
}

async function happen(schedule: Schedule, world: World, trace: string[]): Promise<number> {
  const before = (await world.statuses()).length;
  await perform(schedule, world, trace);
  const settling = performance.now();
  await expectTopicIsChain(world, before);
  world.chain.nextLocks();
  return performance.now() - settling;
}
