/** A topic as it is found, held against the one that is known. */
export type TopicLife = 'same' | 'first-seen' | 'recreated' | 'truncated';

/** Incarnations begin with the id that Kafka gave the topic; what follows are the beginnings of partitions that lost records. */
export function topicLife(found: string, known: string | null): TopicLife {
  if (known === null) return 'first-seen';
  if (known === found) return 'same';
  return idOf(known) === idOf(found) ? 'truncated' : 'recreated';
}

/**
 * Whether tombstones may have come and gone that no projector has seen.
 * @param ages seconds since everything in a partition had been applied; null where it never was
 * @param startedSecondsAgo since when the generation is built
 */
export function wasAbsent(
  ages: readonly (number | null)[],
  { startedSecondsAgo, keptSeconds }: { readonly startedSecondsAgo: number; readonly keptSeconds: number },
): boolean {
  return ages.some((age) => (age ?? startedSecondsAgo) > keptSeconds);
}

function idOf(incarnation: string): string {
  return incarnation.split(' ', 1)[0] ?? '';
}
