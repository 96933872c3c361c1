export interface BudgetOptions {
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Calls per second, with a burst of one second's worth; 0 for no limit. */
  readonly callsPerSecond: number;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** How much an endpoint is asked at once, first come first served. */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #waiting: (() => void)[] = [];
  #free: number;
  /** When all calls so far have had their share of the rate. */
  #sharedUntil = -Infinity;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#free = options.concurrency;
  }

  /** Runs the request of so many calls when there is room for it. */
  async spend<T>(calls: number, request: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      await this.#pace(calls);
      return await request();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#waiting.push(() => {
      resolve(undefined);
    });
    await promise;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }

  async #pace(calls: number): Promise<void> {
    const { callsPerSecond, clock, pause } = this.#options;
    if (callsPerSecond === 0) return;
    const now = clock();
    const wait = this.#sharedUntil - 1_000 - now;
    this.#sharedUntil = Math.max(this.#sharedUntil, now) + (calls * 1_000) / callsPerSecond;
    if (wait > 0) await pause(wait);
  }
}
