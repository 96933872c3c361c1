import { describe, expect, it } from '@jest/globals';
import { runLoop, sleep, Wake, type LoopOptions } from './loop.js';

interface Run {
  readonly pauses: number[];
  readonly failures: number[];
}

/** Runs a loop that never really waits, until `steps` steps are done. */
async function run(steps: number, outcome: (step: number) => void, options: Partial<LoopOptions> = {}): Promise<Run> {
  const seen: Run = { pauses: [], failures: [] };
  const controller = new AbortController();
  let step = 0;
  await runLoop(
    () => {
      step += 1;
      if (step === steps) controller.abort();
      outcome(step);
      return Promise.resolve();
    },
    {
      intervalMs: 100,
      signal: controller.signal,
      failed: (_error, failures) => void seen.failures.push(failures),
      pause: (milliseconds) => {
        seen.pauses.push(milliseconds);
        return Promise.resolve();
      },
      ...options,
    },
  );
  return seen;
}

describe('a loop', () => {
  it('steps at its interval until the signal aborts', async () => {
    expect(await run(3, () => undefined)).toEqual({ pauses: [100, 100, 100], failures: [] });
  });

  it('goes on after a failure, with pauses that double up to a limit, and at its interval once a step succeeds', async () => {
    const failing = (step: number): void => {
      if (step <= 5) throw new Error('down');
    };
    const { pauses, failures } = await run(7, failing, { maxPauseMs: 1_000 });
    expect(failures).toEqual([1, 2, 3, 4, 5]);
    expect(pauses).toEqual([200, 400, 800, 1_000, 1_000, 100, 100]);
  });

  it('ends without a word when a step fails because of the abort', async () => {
    const interrupted = (step: number): void => {
      if (step === 2) throw new Error('aborted');
    };
    expect(await run(2, interrupted)).toEqual({ pauses: [100], failures: [] });
  });

  it('does not step at all when it is over already', async () => {
    const step = (): Promise<void> => Promise.reject(new Error('stepped'));
    const failed = (error: unknown): void => {
      throw error;
    };
    await runLoop(step, { intervalMs: 1, signal: AbortSignal.abort(), failed });
  });
});

describe('sleep', () => {
  it('ends without an error when the signal aborts', async () => {
    const controller = new AbortController();
    const slept = sleep(60_000, controller.signal);
    controller.abort();
    await slept;
    await sleep(60_000, controller.signal);
  });
});

describe('a wake', () => {
  const { signal } = new AbortController();

  it('cuts the wait short that is going on', async () => {
    const wake = new Wake();
    const waiting = wake.pause(60_000, signal);
    wake.now();
    await waiting;
  });

  it('cuts the next wait short when none is going on, and only that one', async () => {
    const wake = new Wake();
    wake.now();
    wake.now();
    await wake.pause(60_000, signal);
    let over = false;
    const second = wake.pause(60_000, signal).then(() => {
      over = true;
    });
    await sleep(0, signal);
    expect(over).toBe(false);
    wake.now();
    await second;
  });
});
