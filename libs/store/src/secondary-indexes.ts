import type { Slot } from './generations.js';
import type { Queryable } from './queryable.js';

/** Takes away what a fold does not need, so that it grows faster. Waits at most seconds for the table to be free. */
export async function dropSecondaryIndexes(db: Queryable, slot: Slot): Promise<void> {
  await db.query(`select drop_secondary_indexes($1::slot)`, [slot]);
}

/** Longer than any table needs; the statement timeout of the transaction is the caller's. */
const patienceMs = 3_600_000;

/** Makes what readers need, and the planner's statistics. Does nothing where they are there. */
export async function createSecondaryIndexes(db: Queryable, slot: Slot): Promise<void> {
  await db.query(`select create_secondary_indexes($1::slot)`, [slot], { timeoutMs: patienceMs });
}
