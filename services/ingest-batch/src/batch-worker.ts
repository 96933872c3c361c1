import { PrunedHistoryError } from '@hybrid-sync/chain';
import { isMismatch, type BackfillStatus, type ComponentStatus, type Coverage } from '@hybrid-sync/domain';
import { LeaseLostError, type Ingester } from '@hybrid-sync/ingest';
import { refuseCommand } from './backfill-progress.js';
import { runBackfill } from './backfill.js';
import type { BatchMetrics } from './batch-metrics.js';
import type { Command, Commands } from './commands.js';
import type { ReadOptions } from './final-pieces.js';
import { runPass } from './pass.js';
import { nextJob, type Job, type PassReason } from './schedule.js';

export interface WorkerContext {
  readonly commands: Pick<Commands, 'all'>;
  readonly passIntervalMs: number;
  readonly reading: ReadOptions;
  /** Compares the topic with the contract, a bit at a time, and is told what may have changed it. */
  readonly auditor: { touched(by: 'pass' | 'backfill'): void; step(): Promise<void> };
  readonly log: Record<'info' | 'error', (fields: object, message: string) => void>;
  readonly metrics: Pick<BatchMetrics, 'passed' | 'command' | 'missing'>;
}

/** When something happened, on the monotonic clock, and where realtime coverage began by then. */
interface PassMade {
  readonly at: number;
  readonly realtimeFrom: number | null;
}

/** Does one thing at a time: a pass, a backfill, or a bit of an audit while neither is due. */
export class BatchWorker {
  readonly #ingester: Ingester;
  readonly #context: WorkerContext;
  /** Of the lease: what this process did in another term says nothing of what is due now. */
  #term: number | null = null;
  #pass: PassMade | null = null;
  #missingAt: number | null = null;

  constructor(ingester: Ingester, context: WorkerContext) {
    this.#ingester = ingester;
    this.#context = context;
  }

  async step(): Promise<void> {
    const { term } = this.#ingester.lease;
    if (term !== this.#term) this.#begin(term);
    try {
      if (term !== null) await this.#work();
    } catch (error) {
      // The next step stands by, or begins anew where the lease has come back.
      if (!(error instanceof LeaseLostError)) throw error;
    }
    this.#ingester.reporter.progressed();
  }

  unreadyReasons(): readonly string[] {
    return [
      ...(this.#halted ? ['finality_violation'] : []),
      ...(this.#said?.missing == null ? [] : ['history-missing']),
      ...(isMismatch(this.#said?.audit ?? null) ? ['audit-mismatch'] : []),
      ...this.#ingester.reporter.unreadyReasons,
    ];
  }

  #begin(term: number | null): void {
    this.#term = term;
    this.#pass = null;
    this.#missingAt = null;
  }

  get #halted(): boolean {
    return this.#ingester.view.component('ingest-realtime')?.finalityViolation != null;
  }

  /** The last word of this process, or else of the one that was active before it. */
  get #said(): ComponentStatus | null {
    const { reporter, view } = this.#ingester;
    return reporter.last ?? view.component('ingest-batch');
  }

  get #realtime(): Coverage | null {
    return this.#ingester.view.component('ingest-realtime')?.coverage ?? null;
  }

  get #isAnyFresh(): boolean {
    const { view } = this.#ingester;
    const isFresh = ({ kind, command }: Command): boolean =>
      kind !== 'audit' && view.backfill(command.commandId) === null;
    return this.#context.commands.all.some(isFresh);
  }

  async #work(): Promise<void> {
    // What others have done, and what time it is at the broker, decide what becomes of a command.
    if (this.#pass === null || this.#isAnyFresh) await this.#ingester.view.caughtUp();
    const job = this.#next();
    if (job.kind === 'pass') await this.#makePass(job.reason);
    else if (job.kind !== 'idle') await this.#execute(job);
    else if (!this.#halted) await this.#context.auditor.step();
  }

  #next(): Job {
    const { view } = this.#ingester;
    const { commands, passIntervalMs } = this.#context;
    return nextJob({
      halted: this.#halted,
      commands: commands.all,
      backfill: (commandId) => view.backfill(commandId),
      own: this.#said?.coverage ?? null,
      realtime: this.#realtime,
      lastPass:
        this.#pass === null
          ? null
          : { millisecondsAgo: millisecondsSince(this.#pass.at), realtimeFrom: this.#pass.realtimeFrom },
      passIntervalMs,
      millisecondsSinceMissing: this.#missingAt === null ? null : millisecondsSince(this.#missingAt),
      brokerTime: view.brokerTime,
    });
  }

  async #makePass(reason: PassReason): Promise<void> {
    const { log, metrics, reading } = this.#context;
    const startedAt = performance.now();
    const realtimeFrom = this.#realtime?.coveredFrom ?? null;
    try {
      const { coverage, proof, unprovenBlocks } = await runPass(this.#ingester, this.#said?.coverage ?? null, reading);
      this.#context.auditor.touched('pass');
      this.#missingAt = null;
      this.#pass = { at: performance.now(), realtimeFrom };
      metrics.missing(null);
      const milliseconds = millisecondsSince(startedAt);
      metrics.passed(reason, milliseconds / 1000);
      log.info({ reason, coveredTo: coverage?.coveredTo, proof, unprovenBlocks, milliseconds }, 'pass done');
    } catch (error) {
      if (!(error instanceof PrunedHistoryError)) throw error;
      await this.#stopBelow(error);
    }
  }

  /** Nothing can be mirrored above blocks that are gone: says so, and looks again from time to time. */
  async #stopBelow({ fromBlock, toBlock }: PrunedHistoryError): Promise<void> {
    const { log, metrics } = this.#context;
    const said = this.#said;
    this.#missingAt = performance.now();
    metrics.missing({ fromBlock, toBlock });
    if (said === null) return;
    if (said.missing?.fromBlock !== fromBlock || said.missing.toBlock !== toBlock)
      log.error(
        { fromBlock, toBlock },
        'history is missing: no endpoint has these blocks any more; add an endpoint that keeps the whole history (an archive)',
      );
    await this.#ingester.reporter.say({ ...said, syncing: false, missing: { fromBlock, toBlock } });
  }

  async #execute(job: Extract<Job, { readonly kind: 'backfill' | 'refuse' }>): Promise<void> {
    const { auditor, log, metrics } = this.#context;
    const startedAt = performance.now();
    const { commandId, state, reason } = await this.#outcomeOf(job);
    // The command is done once its status has been read back; until then it would be taken up again.
    await this.#ingester.view.caughtUp();
    if (job.kind === 'backfill') auditor.touched('backfill');
    metrics.command(state === 'failed' ? 'refused' : 'done');
    log.info({ commandId, state, reason, milliseconds: millisecondsSince(startedAt) }, 'command done');
  }

  #outcomeOf(job: Extract<Job, { readonly kind: 'backfill' | 'refuse' }>): Promise<BackfillStatus> {
    if (job.kind === 'refuse') return refuseCommand(this.#ingester, job);
    return runBackfill(this.#ingester, job, this.#context.reading);
  }
}

function millisecondsSince(at: number): number {
  return Math.round(performance.now() - at);
}
