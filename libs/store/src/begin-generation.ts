import type { OffsetVector } from '@hybrid-sync/domain';
import {
  generationColumns,
  onlyGeneration,
  readGenerations,
  targetText,
  type Generation,
  type GenerationRow,
  type Slot,
} from './generations.js';
import type { Queryable } from './queryable.js';

export interface GenerationPlan {
  readonly topic: string;
  readonly incarnation: string;
  /** Why: `rebuild`, `topic-recreated`, `topic-truncated`, `absence`. */
  readonly reason: string;
  /** The command that asks for it, if one does. */
  readonly commandId: string | null;
  /** End of the topic now. */
  readonly targetOffsets: OffsetVector;
}

/**
 * Begins a generation in the slot that is not served, and empties that. One that is being built of the same incarnation
 * is gone on with instead; any other that is there, the former one too, is abandoned. `command-known`: a generation was
 * begun for this command before. The transaction should end soon: readers wait while the slot is emptied.
 */
export async function beginGeneration(
  transaction: Queryable,
  plan: GenerationPlan,
): Promise<Generation | 'command-known'> {
  await transaction.query(`lock table generations in share row exclusive mode`);
  if (await isKnown(transaction, plan.commandId)) return 'command-known';
  const generations = await readGenerations(transaction);
  const building = generations.find(({ state }) => state === 'building');
  if (building?.topic === plan.topic && building.incarnation === plan.incarnation) {
    return noteCommand(transaction, building, plan.commandId);
  }
  const slot: Slot = generations.find(({ state }) => state === 'active')?.slot === 'a' ? 'b' : 'a';
  await abandon(transaction, slot);
  await transaction.query(`select empty_slot($1::slot)`, [slot]);
  return insertGeneration(transaction, slot, plan);
}

async function isKnown(transaction: Queryable, commandId: string | null): Promise<boolean> {
  const { rows } = await transaction.query(`select from generations where command_id = $1::uuid`, [commandId]);
  return rows.length > 0;
}

async function noteCommand(
  transaction: Queryable,
  building: Generation,
  commandId: string | null,
): Promise<Generation> {
  const { rows } = await transaction.query<GenerationRow>(
    `update generations set command_id = coalesce(command_id, $2::uuid) where generation = $1 returning ${generationColumns}`,
    [building.generation, commandId],
  );
  return onlyGeneration(rows);
}

async function abandon(transaction: Queryable, slot: Slot): Promise<void> {
  await transaction.query(
    `with abandoned as (
       update generations set state = 'abandoned' where slot = $1::slot and state <> 'abandoned' returning generation
     )
     delete from applied_offsets using abandoned where applied_offsets.generation = abandoned.generation`,
    [slot],
  );
}

async function insertGeneration(transaction: Queryable, slot: Slot, plan: GenerationPlan): Promise<Generation> {
  const { topic, incarnation, reason, commandId, targetOffsets } = plan;
  const { rows } = await transaction.query<GenerationRow>(
    `insert into generations (slot, state, topic, topic_incarnation, reason, command_id, target_offsets)
     values ($1::slot, 'building', $2, $3, $4, $5::uuid, $6::jsonb)
     returning ${generationColumns}`,
    [slot, topic, incarnation, reason, commandId, targetText(targetOffsets)],
  );
  const begun = onlyGeneration(rows);
  await transaction.query(`insert into seal_${slot} (generation) values ($1)`, [begun.generation]);
  return begun;
}
