import type { Queryable } from './queryable.js';

/** How a topic differs from what it must be. */
export interface TopicFault {
  readonly topic: string;
  readonly setting: string;
  readonly expected: string;
  readonly actual: string;
}

export interface NoticedTopicFault extends TopicFault {
  readonly noticedAt: Date;
}

/** Keeps these differences of the topic, each with the time when it was noticed first, and no others. */
export async function writeTopicFaults(
  db: Queryable,
  topic: string,
  differences: readonly Omit<TopicFault, 'topic'>[],
): Promise<void> {
  await db.query(
    `with right_again as (delete from topic_faults where topic = $1 and setting <> all ($2::text[]))
     insert into topic_faults as known (topic, setting, expected, actual)
     select $1::text, setting, expected, actual
     from unnest($2::text[], $3::text[], $4::text[]) as fault (setting, expected, actual)
     on conflict (topic, setting) do update set expected = excluded.expected, actual = excluded.actual
     where (known.expected, known.actual) <> (excluded.expected, excluded.actual)`,
    [
      topic,
      differences.map(({ setting }) => setting),
      differences.map(({ expected }) => expected),
      differences.map(({ actual }) => actual),
    ],
  );
}

export async function readTopicFaults(db: Queryable): Promise<readonly NoticedTopicFault[]> {
  const { rows } = await db.query<NoticedTopicFault>(
    `select topic, setting, expected, actual, noticed_at as "noticedAt" from topic_faults order by topic, setting`,
  );
  return rows;
}
