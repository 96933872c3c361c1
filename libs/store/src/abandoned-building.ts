import type { Queryable } from './queryable.js';

/** Gives up a generation that is being built; nothing of it is gone on with. */
export async function abandonBuilding(db: Queryable, generation: number): Promise<void> {
  await db.query(
    `with abandoned as (
       update generations set state = 'abandoned' where generation = $1 and state = 'building' returning generation
     )
     delete from applied_offsets using abandoned where applied_offsets.generation = abandoned.generation`,
    [generation],
  );
}
