import type { Queryable } from './queryable.js';

/**
 * Makes another generation the active one, in a transaction that holds the active one and in which the other has been
 * caught up. Dead letters follow: those that the generation did not meet are resolved, those that it met but another one
 * did not are open again.
 */
export async function switchTo(transaction: Queryable, generation: number): Promise<void> {
  // There is one of each state at any time: the former one leaves its state to the active one.
  await transaction.query(`update generations set state = 'building' where generation = $1 and state = 'former'`, [
    generation,
  ]);
  const retired = await transaction.query(
    `update generations set state = 'former'
     where state = 'active' and exists (select from generations where generation = $1 and state = 'building')`,
    [generation],
  );
  if (retired.rowCount !== 1) throw new Error(`generation ${generation} cannot be switched to`);
  await transaction.query(
    `with active as (
       update generations set state = 'active', switched_at = now() where generation = $1 returning generation, slot
     )
     update active_generation pointer set generation = active.generation, slot = active.slot from active`,
    [generation],
  );
  await resolveNotMet(transaction, generation);
  await reopenMet(transaction, generation);
  await resolveOvertaken(transaction, generation);
}

async function resolveNotMet(transaction: Queryable, generation: number): Promise<void> {
  await transaction.query(
    `update dead_letters set
       resolved_at = now(), resolution = 'rebuild', resolved_by = 'generation ' || $1::integer, resolved_in = $1
     from generations g
     where g.generation = $1 and dead_letters.topic = g.topic and resolved_at is null and $1 <> all (met_by)`,
    [generation],
  );
}

async function reopenMet(transaction: Queryable, generation: number): Promise<void> {
  await transaction.query(
    `update dead_letters set resolved_at = null, resolution = null, resolved_by = null, resolved_in = null
     from generations g
     where g.generation = $1 and dead_letters.topic = g.topic and $1 = any (met_by)
       and resolution in ('rebuild', 'replayed') and resolved_in <> $1`,
    [generation],
  );
}

/** Letters that the generation read a later record of while it was being built. */
async function resolveOvertaken(transaction: Queryable, generation: number): Promise<void> {
  await transaction.query(
    `update dead_letters letter set
       resolved_at = now(), resolution = 'superseded', resolved_by = 'generation ' || $1::integer
     from generations g
     where g.generation = $1 and letter.topic = g.topic and letter.incarnation = g.topic_incarnation
       and resolved_at is null and $1 = any (overtaken_in)`,
    [generation],
  );
}
