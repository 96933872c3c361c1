import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the condition holds, asked every 10 ms; rejects after 30 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('the condition did not hold within 30 s');
    await sleep(10);
  }
}
