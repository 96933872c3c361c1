import {
  beginGeneration,
  holdActiveGeneration,
  switchTo,
  type Database,
  type Generation,
  type GenerationPlan,
} from '../index.js';

export const plan: GenerationPlan = {
  topic: 'revocations',
  incarnation: 'first',
  reason: 'rebuild',
  commandId: null,
  targetOffsets: new Map([[0, 5]]),
};

/** Begins a generation and expects that it is one. */
export async function begun(database: Database, changes: Partial<GenerationPlan> = {}): Promise<Generation> {
  const generation = await database.transaction((transaction) => beginGeneration(transaction, { ...plan, ...changes }));
  if (generation === 'command-known') throw new Error('the command is known');
  return generation;
}

export function switched(database: Database, generation: number): Promise<void> {
  return database.transaction(async (transaction) => {
    await holdActiveGeneration(transaction);
    await switchTo(transaction, generation);
  });
}

/** Back to generation 1 of no topic in slot a, without rows. */
export const startOver = `
  truncate active_generation, generations, seal_a, seal_b, revocations_a, revocations_b, slot_counts,
    applied_offsets, dead_letters, retractions, coverage_claims, component_status restart identity;
  insert into generations (slot, state, reason) values ('a', 'active', 'initial');
  insert into active_generation (generation, slot) values (1, 'a');
  insert into seal_a (generation) values (1)`;
