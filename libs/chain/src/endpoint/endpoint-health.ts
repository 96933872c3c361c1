import { backOffMs } from './back-off.js';
import type { RpcErrorKind } from './rpc-error.js';

export interface HealthOptions {
  /** Milliseconds. */
  readonly clock: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** However long it was down, an endpoint that is well again is found to be within seconds. */
const pauses = { firstMs: 100, longestMs: 5_000 };
/** Whoever asks for patience without saying how much of it is not asked again as soon. */
const patientPauses = { firstMs: 100, longestMs: 15_000 };
/** What went wrong is forgotten by half in so long. */
const halfLifeMs = 60_000;

/** Failures of the endpoint. The others are answers, which say nothing against it. */
const failures: readonly RpcErrorKind[] = ['unreachable', 'too-slow', 'rate-limited', 'malformed'];

/** How far an endpoint can be counted on, and until when it is left alone. */
export class EndpointHealth {
  readonly #options: HealthOptions;
  #blame = 0;
  #blamedAt = 0;
  #failuresInRow = 0;
  #failedAt = -Infinity;
  #readyAt = -Infinity;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** Milliseconds for which it is to be left alone; 0 where it may be asked. */
  get waitMs(): number {
    return Math.max(0, this.#readyAt - this.#options.clock());
  }

  /** It answered when it was last asked. */
  get up(): boolean {
    return this.#failuresInRow === 0;
  }

  /** From 0 to 1: what went wrong lately weighs most. */
  get score(): number {
    const age = this.#options.clock() - this.#blamedAt;
    return 1 - this.#blame * 2 ** (-age / halfLifeMs);
  }

  /** @param startedAt when the call was made: one from before the last failure proves nothing */
  answered(startedAt: number): void {
    this.#weigh(0.1, 0);
    if (startedAt >= this.#failedAt) this.#failuresInRow = 0;
  }

  /**
   * Pauses grow with every failure in a row, with jitter, so that endpoints are not all asked again at once. Calls that
   * were under way together and failed together count once.
   */
  failed(kind: RpcErrorKind, startedAt: number, retryAfterMs = 0): void {
    if (!failures.includes(kind)) return;
    const { clock, random } = this.#options;
    this.#weigh(0.5, 1);
    if (startedAt > this.#failedAt || this.#failuresInRow === 0) {
      this.#failuresInRow += 1;
      this.#wait(backOffMs(this.#failuresInRow, kind === 'rate-limited' ? patientPauses : pauses, random()));
      this.#failedAt = clock();
    }
    this.#wait(retryAfterMs * (1 + random() / 10));
  }

  #wait(pauseMs: number): void {
    this.#readyAt = Math.max(this.#readyAt, this.#options.clock() + pauseMs);
  }

  #weigh(weight: number, outcome: 0 | 1): void {
    this.#blame = (1 - this.score) * (1 - weight) + outcome * weight;
    this.#blamedAt = this.#options.clock();
  }
}
