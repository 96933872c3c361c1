import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 50;

/** Tries again until the attempt does not throw. After the deadline it throws what the last attempt threw. */
export async function eventually<T>(what: string, attempt: () => T | Promise<T>, seconds = 30): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw new Error(failure(what, seconds, error), { cause: error });
      await sleep(pollMs);
    }
  }
}

function failure(what: string, seconds: number, error: unknown): string {
  return `${what}: not within ${seconds} s. ${error instanceof Error ? error.message : String(error)}`;
}
