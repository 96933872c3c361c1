import type { StoredLetter } from '@hybrid-sync/store';
import { letterTopic } from './letter-topic.js';
import { replayEntry } from './replay-entry.js';
import type { ReplayContext, ReplayOrder, ReplayOutcome } from './replay-order.js';
import { replayRevocation } from './replay-revocation.js';

/** Applies a dead record as the code of today reads it, and resolves its letter in the same transaction. */
export async function replayLetter(
  context: ReplayContext,
  letter: StoredLetter,
  order: ReplayOrder,
): Promise<ReplayOutcome> {
  switch (letterTopic(letter.topic)) {
    case 'revocations':
      return replayRevocation(context, letter, order);
    case 'entries':
      return replayEntry(context, letter, order);
    case 'other':
      return { kind: 'refused', reason: 'a status is said again within seconds, and a command can be given again' };
  }
}
