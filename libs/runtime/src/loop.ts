import { setTimeout as delay } from 'node:timers/promises';

/** Resolves early, without an error, when the signal aborts. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}

export interface LoopOptions {
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** Called for each failed step; the loop goes on after a pause that grows up to `maxPauseMs`, by default 3 s. */
  readonly failed: (error: unknown, failures: number) => void;
  readonly maxPauseMs?: number;
  /** How to wait between two steps; {@link sleep} unless something may cut the wait short. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Steps until the signal aborts, one at a time. */
export async function runLoop(step: () => Promise<void>, options: LoopOptions): Promise<void> {
  const { intervalMs, signal, failed, maxPauseMs = 3_000, pause = sleep } = options;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await step();
      failures = 0;
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the signal may abort during the step
      if (signal.aborted) return;
      failures += 1;
      failed(error, failures);
    }
    await pause(failures === 0 ? intervalMs : Math.min(intervalMs * 2 ** failures, maxPauseMs), signal);
  }
}

/** A wait that can be cut short from elsewhere. */
export class Wake {
  #woken = new AbortController();

  /** Ends the wait that is going on, or the next one at once. */
  now(): void {
    this.#woken.abort();
  }

  readonly pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    await sleep(milliseconds, AbortSignal.any([signal, this.#woken.signal]));
    this.#woken = new AbortController();
  };
}
