import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the condition holds; throws after the limit. Asks every 20 ms. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { withinMs = 20_000, what = 'the condition' }: { readonly withinMs?: number; readonly what?: string } = {},
): Promise<void> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error(`${what} did not hold within ${withinMs} ms`);
}
