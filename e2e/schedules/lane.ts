import { perform } from './performance.js';
import type { Schedule } from './schedule.js';
import { expectTopicIsChain } from './verdict.js';
import { World } from './world.js';

/** Schedules one after the other in one world, as long as it is sound; the next one gets a new world after a failure. */
export class Lane {
  readonly #endpoints: number;
  #world: World | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(endpoints: number) {
    this.#endpoints = endpoints;
  }

  /** Rejects with the schedule and what came of it where a promise is broken. */
  run(schedule: Schedule): Promise<void> {
    const run = this.#running.then(() => this.#run(schedule));
    this.#running = run.catch(() => undefined);
    return run;
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#renew();
  }

  async #run(schedule: Schedule): Promise<void> {
    const begin = performance.now();
    const trace: string[] = [];
    try {
      this.#world ??= await World.start(this.#endpoints);
      const before = (await this.#world.statuses()).length;
      await perform(schedule, this.#world, trace);
      await expectTopicIsChain(this.#world, before);
      say(schedule, 'holds', begin);
      this.#world.chain.nextLocks();
      if (this.#world.chain.schedulesLeft < 1) await this.#renew();
    } catch (error) {
      say(schedule, 'FAILS', begin);
      const told = [`seed ${schedule.seed}`, ...trace, this.#world?.tails() ?? ''].join('\n');
      await this.#renew();
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${told}`, { cause: error });
    }
  }

  async #renew(): Promise<void> {
    const world = this.#world;
    this.#world = null;
    await world?.close();
  }
}

function say({ seed, endpoints, steps }: Schedule, verdict: string, begin: number): void {
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  process.stderr.write(`schedule ${seed}: ${steps.length} steps, ${endpoints} endpoints, ${seconds} s, ${verdict}\n`);
}
