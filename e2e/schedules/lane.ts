import { mkdir, writeFile } from 'node:fs/promises';
import { inCheckout } from '@hybrid-sync/devstack';

export interface Seeded {
  readonly seed: number;
  readonly steps: readonly unknown[];
}

/** Where schedules happen. */
export interface LaneWorld {
  /** Everything there is to find the cause of a failure with, a line each. */
  describe(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface LaneOptions<S extends Seeded, W extends LaneWorld> {
  readonly begin: () => Promise<W>;
  /** Rejects where a promise is broken. Gives how many milliseconds the world took to hold after the last step. */
  readonly happen: (schedule: S, world: W, trace: string[]) => Promise<number>;
  /** Whether the next schedule wants a new world. */
  readonly isUsedUp: (world: W) => boolean;
  /** What sort of schedule it is, in some words. */
  readonly title: (schedule: S) => string;
  /** Of the environment: names the seed to run again. */
  readonly variable: string;
}

/** Schedules one after the other in one world, as long as it is sound; the next one gets a new world after a failure. */
export class Lane<S extends Seeded, W extends LaneWorld> {
  readonly #options: LaneOptions<S, W>;
  #world: W | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: LaneOptions<S, W>) {
    this.#options = options;
  }

  /** Rejects with the schedule and what came of it where a promise is broken. */
  run(schedule: S): Promise<void> {
    const run = this.#running.then(() => this.#run(schedule));
    this.#running = run.catch(() => undefined);
    return run;
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#renew();
  }

  async #run(schedule: S): Promise<void> {
    const { begin, happen, isUsedUp, variable } = this.#options;
    const begun = performance.now();
    const trace: string[] = [];
    try {
      this.#world ??= await begin();
      const settledMs = await happen(schedule, this.#world, trace);
      this.#say(schedule, begun, `holds ${seconds(settledMs)} after its last step`);
      if (isUsedUp(this.#world)) await this.#renew();
    } catch (error) {
      this.#say(schedule, begun, 'FAILS');
      const kept = await this.#keep(schedule, trace);
      await this.#renew();
      const told = [messageOf(error), `${variable}=${schedule.seed}, logs and topics in ${kept}`, ...trace];
      throw new Error(told.join('\n'), { cause: error });
    }
  }

  async #keep({ seed }: S, trace: readonly string[]): Promise<string> {
    const file = inCheckout('.cache', 'schedules', `${this.#options.variable}-${seed}.txt`);
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

  #say(schedule: S, begun: number, verdict: string): void {
    const run = `${schedule.steps.length} steps, ${this.#options.title(schedule)}, ${seconds(performance.now() - begun)}`;
    process.stderr.write(`schedule ${schedule.seed}: ${run}, ${verdict}\n`);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
