import type { ComponentStatus } from '@hybrid-sync/domain';
import { runLoop, type Log } from '@hybrid-sync/runtime';
import type { TopicWriter } from './topic-writer.js';

/** A status is repeated when nothing else was said for so long. The contract with the readers is 5 s. */
const heartbeatMs = 3_000;

export interface HeartbeatOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Says how an ingester stands, and repeats it as a heartbeat. */
export class StatusReporter {
  readonly #writer: Pick<TopicWriter, 'componentStatus'>;
  #last: ComponentStatus | null = null;
  #saidAt = 0;

  constructor(writer: Pick<TopicWriter, 'componentStatus'>) {
    this.#writer = writer;
  }

  /** The last word of this process; null before the first one and after {@link forget}. */
  get last(): ComponentStatus | null {
    return this.#last;
  }

  async say(status: ComponentStatus): Promise<void> {
    this.#last = status;
    this.#saidAt = performance.now();
    await this.#writer.componentStatus(status);
  }

  /** After the lease is lost: what this process would repeat is another replica's to say. */
  forget(): void {
    this.#last = null;
  }

  /** Repeats the last status until the signal aborts. */
  beat({ log, signal }: HeartbeatOptions): Promise<void> {
    const repeat = async (): Promise<void> => {
      if (this.#last !== null && performance.now() - this.#saidAt >= heartbeatMs) await this.say(this.#last);
    };
    const failed = (error: unknown, failures: number): void => {
      log.warn({ error, failures }, 'heartbeat failed');
    };
    return runLoop(repeat, { intervalMs: heartbeatMs / 6, signal, failed });
  }
}
