import { setTimeout as sleep } from 'node:timers/promises';

const lookMs = 20;

/** Looks again and again; gives up after so many seconds. A look that is abandoned keeps no process alive. */
export async function untilTrue(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  seconds: number,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(lookMs, undefined, { ref: false });
  }
}
