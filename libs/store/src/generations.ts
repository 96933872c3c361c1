import { encodeOffsets, wireOffsets, type OffsetVector } from '@hybrid-sync/domain';
import type { Queryable } from './queryable.js';

/** One of the two sets of tables that a fold of the revocation topic may live in. */
export type Slot = 'a' | 'b';

/** One fold of one incarnation of the revocation topic. */
export interface Generation {
  readonly generation: number;
  readonly slot: Slot;
  readonly state: 'building' | 'active' | 'former';
  /** Null, as `incarnation` is, where no projector has seen the topic yet. */
  readonly topic: string | null;
  readonly incarnation: string | null;
  readonly reason: string;
  readonly commandId: string | null;
  /** End of the topic when it was begun. */
  readonly targetOffsets: OffsetVector;
  readonly startedAt: Date;
  /** When it became, last, the active one. */
  readonly switchedAt: Date | null;
}

/** All whose rows are still there. */
export async function readGenerations(db: Queryable): Promise<readonly Generation[]> {
  const { rows } = await db.query<GenerationRow>(
    `select ${generationColumns} from generations where state <> 'abandoned' order by generation`,
  );
  return rows.map(generationOf);
}

/** The active generation, which stays so until the transaction ends. Whoever writes rows of it asks for it first. */
export async function shareActiveGeneration(transaction: Queryable): Promise<Generation> {
  const { rows } = await transaction.query<GenerationRow>(`select ${generationColumns} from share_active_generation()`);
  return onlyGeneration(rows);
}

/** The active generation; until the transaction ends nobody else writes rows of it. Waits for those who do. */
export async function holdActiveGeneration(transaction: Queryable): Promise<Generation> {
  const { rows } = await transaction.query<GenerationRow>(`select ${generationColumns} from hold_active_generation()`);
  return onlyGeneration(rows);
}

/**
 * A generation that is not the active one, kept from being abandoned until the transaction ends. A builder asks for it
 * before it writes: one that was paused finds out here that its slot belongs to another generation.
 */
export async function shareGeneration(transaction: Queryable, generation: number): Promise<Generation | 'abandoned'> {
  const { rows } = await transaction.query<GenerationRow>(
    `select ${generationColumns} from generations where generation = $1 and state <> 'abandoned' for share`,
    [generation],
  );
  return rows[0] === undefined ? 'abandoned' : generationOf(rows[0]);
}

export interface GenerationRow {
  readonly generation: number;
  readonly slot: Slot;
  readonly state: Generation['state'];
  readonly topic: string | null;
  readonly topic_incarnation: string | null;
  readonly reason: string;
  readonly command_id: string | null;
  readonly target_offsets: unknown;
  readonly started_at: Date;
  readonly switched_at: Date | null;
}

export const generationColumns =
  'generation, slot, state, topic, topic_incarnation, reason, command_id, target_offsets, started_at, switched_at';

export function onlyGeneration([row]: readonly GenerationRow[]): Generation {
  if (row === undefined) throw new Error('no generation is active');
  return generationOf(row);
}

export function targetText(offsets: OffsetVector): string {
  return JSON.stringify(encodeOffsets(offsets));
}

function generationOf(row: GenerationRow): Generation {
  return {
    generation: row.generation,
    slot: row.slot,
    state: row.state,
    topic: row.topic,
    incarnation: row.topic_incarnation,
    reason: row.reason,
    commandId: row.command_id,
    targetOffsets: wireOffsets.parse(row.target_offsets),
    startedAt: row.started_at,
    switchedAt: row.switched_at,
  };
}
