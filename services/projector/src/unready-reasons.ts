import type { TopicState } from '@hybrid-sync/kafka';
import type { Generation } from '@hybrid-sync/store';

export interface SeenStanding {
  readonly isDatabaseSeen: boolean;
  readonly isKafkaSeen: boolean;
  readonly topics: readonly Pick<TopicState, 'topic' | 'incarnation' | 'differences'>[];
  readonly active: Pick<Generation, 'incarnation'> | null;
  readonly revocationTopic: string;
}

export type UnreadyReason = 'database' | 'kafka' | 'topic-misconfigured' | 'rebuilding';

/** Why the read model cannot follow the topics now; empty where it can. */
export function unreadyReasons(standing: SeenStanding): readonly UnreadyReason[] {
  const { isDatabaseSeen, isKafkaSeen, topics } = standing;
  const reasons: UnreadyReason[] = [];
  if (!isDatabaseSeen) reasons.push('database');
  if (!isKafkaSeen) reasons.push('kafka');
  if (topics.some(({ differences }) => differences.length > 0)) reasons.push('topic-misconfigured');
  if (isOfAnotherTopic(standing)) reasons.push('rebuilding');
  return reasons;
}

/** A rebuild of the same topic takes nothing from the answers, and is no reason. */
function isOfAnotherTopic({ topics, active, revocationTopic }: SeenStanding): boolean {
  const found = topics.find(({ topic }) => topic === revocationTopic)?.incarnation ?? null;
  const folded = active?.incarnation ?? null;
  return found !== null && folded !== null && found !== folded;
}
