import type { BackfillCommand, Coverage } from '@hybrid-sync/domain';
import { LeaseLostError, type Ingester } from '@hybrid-sync/ingest';
import type { Log, ServiceContext } from '@hybrid-sync/runtime';
import { runBackfill } from './backfill.js';
import type { BatchConfig } from './config.js';
import { runPass } from './pass.js';
import { nextJob, type Job } from './schedule.js';

export interface WorkerContext extends Pick<ServiceContext<unknown>, 'signal'> {
  readonly config: Pick<BatchConfig, 'blocksPerQuery' | 'passIntervalMs'>;
  readonly log: Pick<Log, 'info'>;
}

/** Does one thing at a time: a pass or a backfill. */
export class BatchWorker {
  readonly #ingester: Ingester;
  readonly #commands: ReadonlyMap<string, BackfillCommand>;
  readonly #context: WorkerContext;
  /** Of the lease: what this process did in another term says nothing of what is due now. */
  #term: number | null = null;
  #passedAt: number | null = null;

  constructor(ingester: Ingester, commands: ReadonlyMap<string, BackfillCommand>, context: WorkerContext) {
    this.#ingester = ingester;
    this.#commands = commands;
    this.#context = context;
  }

  async step(): Promise<void> {
    const { term } = this.#ingester.lease;
    if (term !== this.#term) this.#passedAt = null;
    this.#term = term;
    try {
      if (term !== null) await this.#work();
    } catch (error) {
      // The next step stands by, or begins anew where the lease has come back.
      if (!(error instanceof LeaseLostError)) throw error;
    }
    this.#ingester.reporter.progressed();
  }

  unreadyReasons(): readonly string[] {
    return [...(this.#halted ? ['finality_violation'] : []), ...(this.#ingester.reporter.stuck ? ['stuck'] : [])];
  }

  get #halted(): boolean {
    return this.#ingester.view.component('ingest-realtime')?.finalityViolation != null;
  }

  /** What was covered by this process, or else by the one that was active before it. */
  get #coverage(): Coverage | null {
    const { reporter, view } = this.#ingester;
    return (reporter.last ?? view.component('ingest-batch'))?.coverage ?? null;
  }

  async #work(): Promise<void> {
    if (this.#passedAt === null) await this.#ingester.view.caughtUp();
    await this.#run(this.#next());
  }

  #next(): Job {
    const { view } = this.#ingester;
    return nextJob({
      halted: this.#halted,
      commands: [...this.#commands.values()],
      backfill: (commandId) => view.backfill(commandId),
      own: this.#coverage,
      realtime: view.component('ingest-realtime')?.coverage ?? null,
      millisecondsSincePass: this.#passedAt === null ? null : performance.now() - this.#passedAt,
      passIntervalMs: this.#context.config.passIntervalMs,
    });
  }

  async #run(job: Job): Promise<void> {
    const { config, log, signal } = this.#context;
    const options = { blocksPerQuery: config.blocksPerQuery, signal };
    if (job.kind === 'idle') return;
    const startedAt = performance.now();
    if (job.kind === 'pass') {
      const coverage = await runPass(this.#ingester, this.#coverage, options);
      this.#passedAt = performance.now();
      log.info({ reason: job.reason, coveredTo: coverage?.coveredTo, milliseconds: since(startedAt) }, 'pass done');
    } else {
      await runBackfill(this.#ingester, job, options);
      // The command is done once its status has been read back; until then it would be taken up again.
      await this.#ingester.view.caughtUp();
      log.info({ commandId: job.command.commandId, milliseconds: since(startedAt) }, 'backfill done');
    }
  }
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
