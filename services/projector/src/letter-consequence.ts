import type { StoredLetter } from '@hybrid-sync/store';
import { letterTopic } from './letter-topic.js';

/** What answers depend on beside the letter that is left out. */
export interface LetterSurroundings {
  /** Whether the read model holds a revocation of the letter's key. */
  readonly isRevoked: boolean;
  /** Unresolved letters that still keep "not revoked" from being said of the same key, or of the same partition. */
  readonly others: number;
}

/** What leaving a record out for good means for answers, in plain words. */
export function consequenceOf(letter: StoredLetter, surroundings: LetterSurroundings): readonly string[] {
  if (letterTopic(letter.topic) !== 'revocations') return ['No answer about a revocation depends on this letter.'];
  return letter.revocationKey === null
    ? ofPartition(letter.partition, surroundings)
    : ofKey(letter.revocationKey, surroundings);
}

function ofKey(key: string, { isRevoked, others }: LetterSurroundings): readonly string[] {
  if (isRevoked) return [`The read model holds a revocation of ${key}: "revoked" goes on being said of it.`];
  if (others > 0) return [`${others} more unresolved: "not revoked" is still not said of ${key}.`];
  return [
    `The read model holds no revocation of ${key}: from now on "not revoked" may be said of it.`,
    'Ask the contract. If it says revoked, order a force-sync: that publishes every revocation again.',
    'If a newer version has written the record, update the projector and replay the letter: that is still possible.',
  ];
}

function ofPartition(partition: number, { others }: LetterSurroundings): readonly string[] {
  const scope = `keys of partition ${partition}`;
  if (others > 0) return [`${others} more unresolved: "not revoked" is still not said of the ${scope}.`];
  return [
    `The record's key cannot be read, so it kept "not revoked" from being said of all ${scope}.`,
    `From now on "not revoked" may be said of them again, on the word of the other records.`,
  ];
}
