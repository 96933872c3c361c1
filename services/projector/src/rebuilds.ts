import { runLoop, Wake, type Log } from '@hybrid-sync/runtime';
import { readGenerations, type Generation } from '@hybrid-sync/store';
import { BuildingOverError } from './builder-follower.js';
import { buildGeneration, type BuilderOptions, type BuildOutcome } from './builder.js';
import { beginRebuild, type RebuildOrder } from './rebuild-begin.js';

export interface RebuildsOptions {
  readonly builder: BuilderOptions;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Between two looks for a generation that nobody builds. Default 10 s. */
  readonly everyMs?: number;
}

/**
 * The rebuilds of one projector: begins generations, and builds what is begun, by whomever, unless another process does.
 */
export class Rebuilds {
  readonly #options: RebuildsOptions;
  readonly #wake = new Wake();

  constructor(options: RebuildsOptions) {
    this.#options = options;
  }

  /** Begins a generation, or leaves it at the one that is being built. Resolves before it is built. */
  async begin(order: RebuildOrder): Promise<Generation | 'command-known'> {
    const { builder, log } = this.#options;
    const begun = await beginRebuild(builder.database, builder.source, order);
    if (begun === 'command-known') log.info(order, 'command is known');
    else log.info({ generation: begun.generation, ...order }, 'rebuild ordered');
    this.#wake.now();
    return begun;
  }

  /** Until the signal aborts. */
  async run(): Promise<void> {
    const { signal, log, everyMs = 10_000 } = this.#options;
    await runLoop(() => this.#look(), {
      intervalMs: everyMs,
      maxPauseMs: everyMs,
      signal,
      pause: this.#wake.pause,
      failed: (error, failures) => {
        log.warn({ error, failures }, 'rebuild was interrupted, trying again');
      },
    });
  }

  async #look(): Promise<void> {
    const { builder, log, signal } = this.#options;
    if ((await this.#orphan()) === undefined) return;
    try {
      report(log, await buildGeneration(builder, () => this.#choose(), signal));
    } catch (error) {
      if (!(error instanceof BuildingOverError)) throw error;
      log.warn({ error }, 'building is over');
      this.#wake.now();
    }
  }

  async #orphan(): Promise<Generation | undefined> {
    return (await readGenerations(this.#options.builder.database)).find(({ state }) => state === 'building');
  }

  /** The one that is begun; where its topic is another one by now, that one. */
  async #choose(): ReturnType<Parameters<typeof buildGeneration>[1]> {
    const { database, source } = this.#options.builder;
    const orphan = await this.#orphan();
    if (orphan === undefined) return { kind: 'refused', reason: 'it was built meanwhile' };
    const begun = await beginRebuild(database, source, { reason: orphan.reason, commandId: null });
    return begun === 'command-known' ? orphan : begun;
  }
}

function report(log: Log, outcome: BuildOutcome): void {
  if (outcome.kind === 'switched')
    log.info({ generation: outcome.generation.generation, former: outcome.from.generation }, 'switched');
}
