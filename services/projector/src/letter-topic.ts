import { topicNames } from '@hybrid-sync/domain';

/** What a topic is about, whatever its prefix. */
export type LetterTopic = 'revocations' | 'entries' | 'other';

const { revocations, entries } = topicNames('');

export function letterTopic(topic: string): LetterTopic {
  if (topic.endsWith(revocations)) return 'revocations';
  return topic.endsWith(entries) ? 'entries' : 'other';
}
