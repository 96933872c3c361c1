import { runLoop, type Log } from '@hybrid-sync/runtime';

const lookMs = 500;
/** A look that is older says nothing about now. */
const tooOldMs = 5_000;

/** Whether "not revoked" could be said, looked at in the background so that a probe never waits for the database. */
export class Readiness {
  #reasons: readonly string[] = ['starting'];
  #lookedAt = performance.now();

  get reasons(): readonly string[] {
    return performance.now() - this.#lookedAt > tooOldMs ? ['database'] : this.#reasons;
  }

  /** Looks until the signal aborts. */
  watch(
    look: () => Promise<readonly string[]>,
    { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
  ): Promise<void> {
    const step = async (): Promise<void> => {
      this.#reasons = await look();
      this.#lookedAt = performance.now();
    };
    const failed = (error: unknown, failures: number): void => {
      log.warn({ error, failures }, 'read model cannot be read');
    };
    return runLoop(step, { intervalMs: lookMs, maxPauseMs: 2_000, signal, failed });
  }
}
