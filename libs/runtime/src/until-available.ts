import { sleep } from './loop.js';
import type { Log } from './log.js';

const longestPauseMs = 5_000;

/** Errors that waiting does not mend. */
export type Permanent = (error: unknown) => boolean;

/** Tries until it succeeds, with growing pauses and one log line per failure. Rejects on a permanent error or abort. */
export async function untilAvailable<T>(
  what: string,
  attempt: () => Promise<T>,
  {
    log,
    signal,
    permanent = () => false,
  }: { readonly log: Log; readonly signal: AbortSignal; readonly permanent?: Permanent },
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || permanent(error)) throw error;
      log.warn({ error, what, failures }, 'not available yet');
      await sleep(Math.min(100 * 2 ** failures, longestPauseMs), signal);
      signal.throwIfAborted();
    }
  }
}
