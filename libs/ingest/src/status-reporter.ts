import type { ComponentStatus } from '@hybrid-sync/domain';
import { runLoop, type Log } from '@hybrid-sync/runtime';
import type { Lease } from './lease.js';
import type { TopicWriter } from './topic-writer.js';

export interface StatusReporterOptions {
  readonly writer: Pick<TopicWriter, 'componentStatus'>;
  readonly lease: Pick<Lease, 'term'>;
  /** A status is repeated when nothing else was said for so long. Default 3 s; the contract with the readers is 5 s. */
  readonly heartbeatMs?: number;
}

export interface HeartbeatOptions {
  readonly log: Pick<Log, 'warn'>;
  readonly signal: AbortSignal;
}

/** Says how an ingester stands, and repeats it as a heartbeat while it is the active one. */
export class StatusReporter {
  readonly #options: StatusReporterOptions;
  #said: { readonly status: ComponentStatus; readonly term: number | null; readonly at: number } | null = null;

  constructor(options: StatusReporterOptions) {
    this.#options = options;
  }

  /** The last word of this process in this term of its lease: after a loss there may be another replica's. */
  get last(): ComponentStatus | null {
    const { term } = this.#options.lease;
    return term !== null && this.#said?.term === term ? this.#said.status : null;
  }

  async say(status: ComponentStatus): Promise<void> {
    const { writer, lease } = this.#options;
    this.#said = { status, term: lease.term, at: performance.now() };
    await writer.componentStatus(status);
  }

  /** Repeats the last status until the signal aborts. A standby has none. */
  beat({ log, signal }: HeartbeatOptions): Promise<void> {
    const { heartbeatMs = 3_000 } = this.#options;
    const repeat = async (): Promise<void> => {
      const { last } = this;
      if (last !== null && performance.now() - (this.#said?.at ?? 0) >= heartbeatMs) await this.say(last);
    };
    const failed = (error: unknown, failures: number): void => {
      log.warn({ error, failures }, 'heartbeat failed');
    };
    return runLoop(repeat, { intervalMs: heartbeatMs / 6, signal, failed });
  }
}
