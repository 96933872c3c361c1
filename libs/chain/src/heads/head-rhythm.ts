export interface SilenceBounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Silence is a fault after so many times the usual pause between two notices. */
const pausesOfSilence = 3;

/** How often new heads are noticed, and so how long a silence must be to mean something. */
export class HeadRhythm {
  readonly #bounds: SilenceBounds;
  #intervalMs: number | null = null;
  #noticedAt: number | null = null;

  constructor(bounds: SilenceBounds) {
    this.#bounds = bounds;
  }

  /** What the last notice was is forgotten, not how often they come. */
  interrupted(): void {
    this.#noticedAt = null;
  }

  /** @param now milliseconds */
  noticed(now: number): void {
    if (this.#noticedAt !== null) {
      const gap = now - this.#noticedAt;
      this.#intervalMs = this.#intervalMs === null ? gap : 0.8 * this.#intervalMs + 0.2 * gap;
    }
    this.#noticedAt = now;
  }

  /** The longest bound while nothing is known. */
  get silenceMs(): number {
    const { leastMs, mostMs } = this.#bounds;
    return Math.min(Math.max((this.#intervalMs ?? mostMs) * pausesOfSilence, leastMs), mostMs);
  }
}
