import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Lane, type LaneWorld } from '../schedules/lane.js';
import { shortened } from '../schedules/wanted-schedules.js';
import { perform } from './performance.js';
import { scheduleOf, type Schedule } from './schedule.js';
import { Servers } from './servers.js';
import { expectFolded } from './verdict.js';
import { World } from './world.js';

/** Of a whole run: its schedules are all under way from the start, and a test ends when its own has. */
const patience = 6 * 3_600_000;

/** One test for each seed. */
export function testProjection(seeds: readonly number[]): void {
  const lanes = { 1: laneOf(1), 3: laneOf(3) };
  const runs = new Map<number, Promise<void>>();

  beforeAll(() => {
    for (const schedule of seeds.map(scheduleOf).map(shortened)) runs.set(schedule.seed, run(schedule));
  });
  afterAll(async () => {
    await Promise.all([lanes[1].close(), lanes[3].close()]);
  }, patience);

  describe('after a schedule of records, faults and ends of processes', () => {
    it.each(seeds)(
      'every table is the fold of the topics (PROJECTION_SEED=%i)',
      async (seed) => runs.get(seed),
      patience,
    );
  });

  function run(schedule: Schedule): Promise<void> {
    const outcome = lanes[schedule.brokers].run(schedule);
    // It is looked at when its test's turn has come.
    outcome.catch(() => undefined);
    return outcome;
  }
}

/** Servers, and the world of the schedule that they are used for. */
class Stage implements LaneWorld {
  readonly servers: Servers;
  world: World | null = null;

  constructor(servers: Servers) {
    this.servers = servers;
  }

  async describe(): Promise<readonly string[]> {
    return (await this.world?.describe()) ?? [];
  }

  async close(): Promise<void> {
    await this.world?.close();
    await this.servers.close();
  }
}

function laneOf(brokers: Schedule['brokers']): Lane<Schedule, Stage> {
  return new Lane({
    begin: async () => new Stage(await Servers.start({ brokers })),
    happen,
    isUsedUp: () => false,
    title: ({ compacting, projectors }) =>
      `${brokers} brokers, ${projectors} projectors${compacting ? ', compacted' : ''}`,
    variable: 'PROJECTION_SEED',
  });
}

async function happen(schedule: Schedule, stage: Stage, trace: string[]): Promise<number> {
  stage.world = await World.on(stage.servers);
  await perform(schedule, stage.world, trace);
  const settling = performance.now();
  await expectFolded(stage.world);
  const settledMs = performance.now() - settling;
  await stage.world.close();
  stage.world = null;
  return settledMs;
}
