import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.js';

type Stop = () => Promise<void>;

/** From start to exit: ends on SIGTERM, SIGINT or a failure, and runs what was registered in reverse order. */
export class Lifetime {
  readonly #controller = new AbortController();
  readonly #stops: Stop[] = [];
  readonly #log: Log;
  readonly #graceSeconds: number;
  #exitCode = 0;

  constructor(log: Log, graceSeconds: number) {
    this.#log = log;
    this.#graceSeconds = graceSeconds;
    for (const name of ['SIGTERM', 'SIGINT'] as const)
      process.on(name, () => {
        this.#stop(name);
      });
    process.on('uncaughtException', (error) => {
      this.fail(error);
    });
    process.on('unhandledRejection', (error) => {
      this.fail(error);
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  onStop(stop: Stop): void {
    this.#stops.push(stop);
  }

  /** Something is broken that only a restart can mend. */
  fail(error: unknown): void {
    this.#exitCode = 1;
    this.#log.fatal({ error }, 'service failed');
    this.#controller.abort();
  }

  /** Resolves with null when the end begins. */
  async aborted(): Promise<null> {
    if (!this.signal.aborted) await once(this.signal, 'abort');
    return null;
  }

  /** Waits for the end, stops everything within the grace time and exits. */
  async ended(): Promise<never> {
    await this.aborted();
    const outcome = await Promise.race([this.#stopAll(), delay(this.#graceSeconds * 1000, 'late' as const)]);
    if (outcome === 'late')
      this.#log.error({ graceSeconds: this.#graceSeconds }, 'stop took longer than the grace time');
    this.#log.info('stopped');
    process.exit(outcome === 'late' ? 1 : this.#exitCode);
  }

  #stop(name: string): void {
    this.#log.info({ signal: name }, 'stopping');
    this.#controller.abort();
  }

  async #stopAll(): Promise<'stopped'> {
    for (const stop of this.#stops.reverse()) {
      await stop().catch((error: unknown) => {
        this.#log.warn({ error }, 'stop failed');
      });
    }
    return 'stopped';
  }
}
