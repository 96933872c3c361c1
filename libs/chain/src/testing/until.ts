import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the condition holds, asked every 10 ms; rejects after 10 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('the condition did not hold within 10 s');
    await sleep(10);
  }
}
