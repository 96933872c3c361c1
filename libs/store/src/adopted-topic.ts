import type { Queryable } from './queryable.js';

export interface TopicIncarnation {
  readonly topic: string;
  readonly incarnation: string;
}

/**
 * Says which topic a generation folds, where nobody has said so yet, together with what was put aside before that was
 * known.
 */
export async function adoptTopic(
  db: Queryable,
  { generation, topic, incarnation }: TopicIncarnation & { readonly generation: number },
): Promise<void> {
  await db.query(
    `with adopted as (
       update generations set topic = $2::text, topic_incarnation = $3::text
       where generation = $1 and topic is null
       returning topic
     ), letters as (
       update dead_letters set incarnation = $3 from adopted
       where dead_letters.topic = adopted.topic and incarnation = ''
     )
     update retractions set incarnation = $3 from adopted where incarnation = ''`,
    [generation, topic, incarnation],
  );
}

/**
 * Whether the applied offsets of a topic without generations are of this incarnation of it. Where the topic was made
 * again they are forgotten, so that it is applied from its beginning.
 */
export async function followTopic(
  transaction: Queryable,
  { topic, incarnation }: TopicIncarnation,
): Promise<'same' | 'first-seen' | 'made-again'> {
  const { rows } = await transaction.query<{ before: string | null }>(
    `with before as (select incarnation from topic_incarnations where topic = $1),
     kept as (
       insert into topic_incarnations as known (topic, incarnation) values ($1, $2)
       on conflict (topic) do update set incarnation = excluded.incarnation, seen_at = excluded.seen_at
       where known.incarnation <> excluded.incarnation
     ), forgotten as (
       delete from applied_offsets where generation = 0 and topic = $1 and (select incarnation from before) <> $2
     )
     select (select incarnation from before) as before`,
    [topic, incarnation],
  );
  const before = rows[0]?.before ?? null;
  if (before === null) return 'first-seen';
  return before === incarnation ? 'same' : 'made-again';
}
