import { mkdir, writeFile } from 'node:fs/promises';
import { inCheckout } from '@hybrid-sync/devstack';
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
      const settling = performance.now();
      await expectTopicIsChain(this.#world, before);
      say(schedule, begin, `holds ${secondsSince(settling)} after its last step`);
      this.#world.chain.nextLocks();
      if (this.#world.chain.schedulesLeft < 1) await this.#renew();
    } catch (error) {
      say(schedule, begin, 'FAILS');
      const kept = await this.#keep(schedule, trace);
      await this.#renew();
      const told = [messageOf(error), `SCHEDULE_SEED=${schedule.seed}, logs and topics in ${kept}`, ...trace];
      throw new Error(told.join('\n'), { cause: error });
    }
  }

  /** Everything there is to find the cause with. */
  async #keep({ seed }: Schedule, trace: readonly string[]): Promise<string> {
    const file = inCheckout('.cache', 'schedules', `${seed}.txt`);
    await mkdir(inCheckout('.cache', 'schedules'), { recursive: true });
    const world = (await this.#world?.describe()) ?? ['there was no world'];
    await writeFile(file, [...trace, ...world].join('\n'));
    return file;
  }

  async #renew(): Promise<void> {
    const world = this.#world;
    this.#world = null;
    await world?.close();
  }
}

function say({ seed, endpoints, steps }: Schedule, begin: number, verdict: string): void {
  const run = `${steps.length} steps, ${endpoints === 1 ? '1 endpoint' : '2 endpoints'}, ${secondsSince(begin)}`;
  process.stderr.write(`schedule ${seed}: ${run}, ${verdict}\n`);
}

function secondsSince(begin: number): string {
  return `${((performance.now() - begin) / 1000).toFixed(1)} s`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
