import type { Queryable } from './queryable.js';

export interface PartitionOfFold {
  /** 0 for topics without generations. */
  readonly generation: number;
  readonly topic: string;
  readonly partition: number;
}

/** The next offset to apply, which stands still until the transaction ends. Null where nothing has been applied yet. */
export async function holdAppliedOffset(
  transaction: Queryable,
  { generation, topic, partition }: PartitionOfFold,
): Promise<number | null> {
  const { rows } = await transaction.query<{ next_offset: string }>(
    `select next_offset from applied_offsets
     where generation = $1::integer and topic = $2 and partition = $3::integer
     for update`,
    [generation, topic, partition],
  );
  return rows[0] === undefined ? null : Number(rows[0].next_offset);
}
