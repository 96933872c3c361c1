export interface SuspensionOptions {
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number;
  /** A longer gap between two ticks may have cost the lease: less than the group's session timeout of 10 s. */
  readonly longestGapMs: number;
  /** So long after waking, a heartbeat that is refused has told that the lease is lost. */
  readonly settleMs: number;
}

/** Notices that the process was stopped, or its event loop stuck, for so long that another replica may be active. */
export class Suspension {
  readonly #options: SuspensionOptions;
  #lastTick: number;
  #wokeAt = Number.NEGATIVE_INFINITY;

  constructor(options: SuspensionOptions) {
    this.#options = options;
    this.#lastTick = options.now();
  }

  /** To be called at least once a second. */
  tick(): void {
    const now = this.#options.now();
    if (now - this.#lastTick > this.#options.longestGapMs) this.#wokeAt = now;
    this.#lastTick = now;
  }

  /** Whether the process woke a moment ago. Asked right after waking it knows, before any tick. */
  get isRecent(): boolean {
    this.tick();
    return this.#options.now() - this.#wokeAt < this.#options.settleMs;
  }
}
