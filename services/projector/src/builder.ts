import { offsetsReached, type OffsetVector } from '@hybrid-sync/domain';
import type { KafkaConnection } from '@hybrid-sync/kafka';
import { sleep, type Log } from '@hybrid-sync/runtime';
import {
  createSecondaryIndexes,
  dropSecondaryIndexes,
  readAppliedOffsets,
  readGenerations,
  type Database,
  type Generation,
} from '@hybrid-sync/store';
import { BuildingOverError, Follower } from './builder-follower.js';
import type { FoldedSource } from './builder-source.js';
import { switchGeneration } from './builder-switch.js';
import type { ReadModel } from './read-model.js';
import { rebuildProgress, type RebuildProgress } from './rebuild-progress.js';

export interface BuilderOptions {
  readonly database: Database;
  readonly kafka: KafkaConnection;
  readonly source: FoldedSource;
  /** Of the builder, of whom there is one at a time. */
  readonly groupId: string;
  /** What applies batches to the generation instead of the active one. */
  readonly readModel: (generation: Generation) => Pick<ReadModel, 'applyRevocations'>;
  readonly log: Log;
  /** Told every 2 s, and when the target is reached. */
  readonly progress: (progress: RebuildProgress) => void;
}

/** Which generation to build, or why there is none; asked once nobody else is building. */
export type ChooseGeneration = () => Promise<Generation | { readonly kind: 'refused'; readonly reason: string }>;

export type BuildOutcome =
  | { readonly kind: 'switched'; readonly generation: Generation; readonly from: Generation }
  /** Another process builds. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused'; readonly reason: string };

const builderLock = 'hybrid-sync builder';
const progressMs = 2_000;
const retryMs = 1_000;

/**
 * Builds a generation from where it stands, and makes it the active one. Stopped or killed at any point, it can be gone on
 * with. Rejects when the signal aborts, and with BuildingOverError where the generation will never be finished.
 */
export async function buildGeneration(
  options: BuilderOptions,
  choose: ChooseGeneration,
  signal: AbortSignal,
): Promise<BuildOutcome> {
  const outcome = await options.database.withLock(builderLock, async (lost) => {
    const chosen = await choose();
    if ('kind' in chosen) return chosen;
    return new Builder(options, chosen, AbortSignal.any([signal, lost])).build();
  });
  return outcome === 'busy' ? { kind: 'busy' } : outcome;
}

class Builder {
  readonly #options: BuilderOptions;
  readonly #generation: Generation;
  readonly #signal: AbortSignal;

  constructor(options: BuilderOptions, generation: Generation, signal: AbortSignal) {
    this.#options = options;
    this.#generation = generation;
    this.#signal = signal;
  }

  async build(): Promise<BuildOutcome> {
    const target = await this.#target();
    const applied = await this.#applied(this.#generation.generation);
    const { generation, slot, reason, startedAt } = this.#generation;
    const targetRecords = [...target.values()].reduce((sum, next) => sum + next, 0);
    this.#options.log.info({ generation, slot, reason, startedAt, targetRecords }, 'building');
    // What is left of a build that had its indexes already is a tail.
    if (!offsetsReached(applied, target)) await dropSecondaryIndexes(this.#options.database, slot);
    const follower = await this.#follow();
    try {
      await this.#reporting({ begun: applied, target }, follower);
      await follower.holding(() => this.#index());
      return await this.#switch(follower);
    } finally {
      await follower.close();
    }
  }

  async #target(): Promise<OffsetVector> {
    const { state, targetOffsets } = this.#generation;
    return state === 'building' ? targetOffsets : this.#options.source.endOffsets();
  }

  #follow(): Promise<Follower> {
    const { kafka, groupId, source } = this.#options;
    const readModel = this.#options.readModel(this.#generation);
    return Follower.open({
      kafka,
      groupId,
      topic: source.topic,
      positions: () => this.#positions(),
      apply: (batch) => readModel.applyRevocations(batch),
      requireTopic: () => source.requireIncarnation(this.#generation.incarnation),
    });
  }

  async #positions(): Promise<OffsetVector> {
    const { generation, state } = this.#generation;
    const known = (await readGenerations(this.#options.database)).find((one) => one.generation === generation);
    if (known?.state !== state)
      throw new BuildingOverError(`generation ${generation} is ${known?.state ?? 'abandoned'}`);
    return this.#applied(generation);
  }

  async #reporting(
    { begun, target }: { readonly begun: OffsetVector; readonly target: OffsetVector },
    follower: Follower,
  ): Promise<void> {
    const { generation } = this.#generation;
    const course = { generation, target, begun: { applied: begun, at: performance.now() } };
    const tell = (): void => {
      this.#options.progress(rebuildProgress(course, { applied: follower.positions, at: performance.now() }));
    };
    const timer = setInterval(tell, progressMs);
    try {
      await follower.reached(target, this.#signal);
    } finally {
      clearInterval(timer);
    }
    tell();
  }

  /** Takes as long as it takes: nobody reads the slot. */
  async #index(): Promise<void> {
    const { database, log } = this.#options;
    const { generation, slot } = this.#generation;
    const from = performance.now();
    const limits = { statementMs: 0, lockMs: 0, idleMs: 0 };
    await database.transaction((transaction) => createSecondaryIndexes(transaction, slot), limits);
    log.info({ generation, seconds: secondsSince(from) }, 'indexed');
  }

  async #switch(follower: Follower): Promise<BuildOutcome> {
    const { database, source, log } = this.#options;
    const generation = this.#generation;
    const signal = this.#signal;
    for (;;) {
      await this.#approach(follower);
      const outcome = await switchGeneration({ database, source, generation, follower, signal });
      if (outcome.kind === 'switched') return { kind: 'switched', generation, from: outcome.from };
      log.warn({ generation: generation.generation }, 'the switch would have kept projectors waiting, trying again');
      await sleep(retryMs, signal);
    }
  }

  /** Catches up without keeping anybody waiting, so that little is left for the switch. */
  async #approach(follower: Follower): Promise<void> {
    const { incarnation } = this.#generation;
    const active = (await readGenerations(this.#options.database)).find(({ state }) => state === 'active');
    const isSame = active?.incarnation === incarnation;
    await follower.reached(
      isSame ? await this.#applied(active.generation) : await this.#options.source.endOffsets(),
      this.#signal,
    );
  }

  #applied(generation: number): Promise<OffsetVector> {
    return readAppliedOffsets(this.#options.database, { generation, topic: this.#options.source.topic });
  }
}

function secondsSince(from: number): number {
  return Math.round((performance.now() - from) / 10) / 100;
}
