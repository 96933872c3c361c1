import { WrongDeploymentError } from '@hybrid-sync/chain';
import type { ComponentStatus } from '@hybrid-sync/domain';
import { runLoop, type Log } from '@hybrid-sync/runtime';
import type { Lease } from './lease.js';
import type { TopicGuard } from './topic-guard.js';
import type { TopicView } from './topic-view.js';
import type { TopicWriter } from './topic-writer.js';

/** A status; what the view knows better is added to it. */
export type Said = Omit<ComponentStatus, 'windowOffsets' | 'acceptedViolation' | 'topicIncarnation'> &
  Partial<Pick<ComponentStatus, 'windowOffsets'>>;

export interface StatusReporterOptions {
  readonly writer: Pick<TopicWriter, 'componentStatus'>;
  readonly lease: Pick<Lease, 'term'>;
  readonly view: Pick<TopicView, 'windowOffsets' | 'acceptedViolation' | 'incarnation'>;
  readonly guard: Pick<TopicGuard, 'unreadyReasons'>;
  /** A status is repeated when nothing else was said for so long. Default 3 s; the contract with the readers is 5 s. */
  readonly heartbeatMs?: number;
  /** The heartbeat falls silent after so long without any progress. Default 30 s. */
  readonly stuckMs?: number;
}

export interface HeartbeatOptions {
  readonly log: Pick<Log, 'warn'>;
  readonly signal: AbortSignal;
}

/** Says how an ingester stands, and repeats it as a heartbeat while it is the active one. */
export class StatusReporter {
  readonly #options: StatusReporterOptions;
  readonly #stuckMs: number;
  #progressedAt = performance.now();
  #isMisled = false;
  #said: { readonly status: ComponentStatus; readonly term: number | null; readonly at: number } | null = null;

  constructor(options: StatusReporterOptions) {
    this.#options = options;
    this.#stuckMs = options.stuckMs ?? 30_000;
  }

  /** A step has succeeded, whether or not there was anything to say. */
  progressed(): void {
    this.#progressedAt = performance.now();
    this.#isMisled = false;
  }

  /** A step has failed. That every endpoint shows another deployment is not waited out: it may never mend itself. */
  failed(error: unknown): void {
    this.#isMisled ||= error instanceof WrongDeploymentError;
  }

  /** Why the ingester is not ready, as far as its steps and the topics tell; empty where it is. */
  get unreadyReasons(): readonly string[] {
    const { guard } = this.#options;
    return [...(this.#isMisled ? ['wrong-deployment'] : []), ...(this.stuck ? ['stuck'] : []), ...guard.unreadyReasons];
  }

  /** Nothing has succeeded for so long that a heartbeat would claim more life than there is. */
  get stuck(): boolean {
    return performance.now() - this.#progressedAt > this.#stuckMs;
  }

  /** The last word of this process in this term of its lease: after a loss there may be another replica's. */
  get last(): ComponentStatus | null {
    const { term } = this.#options.lease;
    return term !== null && this.#said?.term === term ? this.#said.status : null;
  }

  async say(said: Said): Promise<void> {
    const settledTo = said.coverage?.settledTo ?? null;
    const { view } = this.#options;
    const windowOffsets = settledTo === null ? new Map() : view.windowOffsets(settledTo);
    const { acceptedViolation, incarnation: topicIncarnation } = view;
    const accepted = acceptedViolation === null ? {} : { acceptedViolation };
    await this.#write({ ...said, windowOffsets, ...accepted, topicIncarnation });
    this.progressed();
  }

  /** Repeats the last status until the signal aborts. A standby has none; one that is stuck falls silent. */
  beat({ log, signal }: HeartbeatOptions): Promise<void> {
    const { heartbeatMs = 3_000 } = this.#options;
    const repeat = async (): Promise<void> => {
      const { last } = this;
      const due = performance.now() - (this.#said?.at ?? 0) >= heartbeatMs;
      if (last !== null && due && !this.stuck) await this.#write(last);
    };
    const failed = (error: unknown, failures: number): void => {
      log.warn({ error, failures }, 'heartbeat failed');
    };
    return runLoop(repeat, { intervalMs: heartbeatMs / 6, signal, failed });
  }

  async #write(status: ComponentStatus): Promise<void> {
    const { writer, lease } = this.#options;
    this.#said = { status, term: lease.term, at: performance.now() };
    await writer.componentStatus(status);
  }
}
