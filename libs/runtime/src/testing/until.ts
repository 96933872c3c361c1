import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with the first answer that is not undefined; the test's own time limit ends the wait. */
export async function until<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    await sleep(20);
  }
}
