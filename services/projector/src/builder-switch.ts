import { offsetsReached, type OffsetVector } from '@hybrid-sync/domain';
import {
  holdActiveGeneration,
  isLockTimeout,
  readAppliedOffsets,
  stampCurrent,
  switchTo,
  type Database,
  type Generation,
  type Queryable,
} from '@hybrid-sync/store';
import { catchUpTarget, currentPartitions } from './builder-target.js';
import type { Follower } from './builder-follower.js';
import type { FoldedSource } from './builder-source.js';

export interface SwitchOptions {
  readonly database: Database;
  readonly source: FoldedSource;
  /** To be made the active one. */
  readonly generation: Generation;
  readonly follower: Pick<Follower, 'reached'>;
  readonly signal: AbortSignal;
}

/** `late`: it could not be done in the time that projectors may be kept waiting; nothing has changed. */
export type SwitchOutcome = { readonly kind: 'switched'; readonly from: Generation } | { readonly kind: 'late' };

/** How long projectors may be kept waiting. */
const patienceMs = 3_000;
/** A builder that falls silent must not keep them waiting for longer either. */
const limits = { statementMs: patienceMs, lockMs: patienceMs, idleMs: patienceMs + 1_000 };

/**
 * Makes a generation the active one. Projectors wait while it catches up with all that they have applied, so that no
 * answer is from further back than one before it. Throws BuildingOverError.
 */
export async function switchGeneration(options: SwitchOptions): Promise<SwitchOutcome> {
  const late = AbortSignal.timeout(patienceMs);
  const within = { ...options, signal: AbortSignal.any([options.signal, late]) };
  try {
    const ends = await options.source.endOffsets();
    const from = await options.database.transaction((transaction) => switchWithin(transaction, within, ends), limits);
    return { kind: 'switched', from };
  } catch (error) {
    options.signal.throwIfAborted();
    if (late.aborted || isLockTimeout(error)) return { kind: 'late' };
    throw error;
  }
}

/** @param ends of the topic before the active generation was held */
async function switchWithin(
  transaction: Queryable,
  { source, generation, follower, signal }: SwitchOptions,
  ends: OffsetVector,
): Promise<Generation> {
  const from = await holdActiveGeneration(transaction);
  const { topic } = source;
  const applied = await readAppliedOffsets(transaction, { generation: from.generation, topic });
  const target = await catchUpTarget({ from, generation, applied }, source.endOffsets);
  await follower.reached(target, signal);
  const reached = await readAppliedOffsets(transaction, { generation: generation.generation, topic });
  // The builder writes without waiting for the disk, so that a crash may have taken back what it knows it has applied.
  if (!offsetsReached(reached, target)) throw new Error('the generation lacks what was applied to it');
  await source.requireIncarnation(generation.incarnation);
  signal.throwIfAborted();
  await switchTo(transaction, generation.generation);
  for (const [of, offsets] of [
    [from, applied],
    [generation, reached],
  ] as const) {
    await stampCurrent(transaction, {
      generation: of.generation,
      topic,
      partitions: currentPartitions(offsets, ends),
    });
  }
  return from;
}
