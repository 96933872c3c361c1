import { readEntryStandings, resolveDeadLetter, upsertEntries, type StoredLetter } from '@hybrid-sync/store';
import { changedEntry, parseEntries } from './entry-fold.js';
import type { ReplayContext, ReplayOrder, ReplayOutcome } from './replay-order.js';
import { recordOf } from './replay-plan.js';
import { printableLine } from './shown-bytes.js';

/** Needs no topic: the first record of an id stands, whatever comes later. */
export async function replayEntry(
  { database }: Pick<ReplayContext, 'database'>,
  letter: StoredLetter,
  { by, note }: ReplayOrder,
): Promise<ReplayOutcome> {
  const { entries, deadLetters } = parseEntries([recordOf(letter)]);
  const reason = deadLetters[0]?.reason;
  if (reason !== undefined) return refused(`the record still cannot be read: ${printableLine(reason)}`);
  const recorded = entries.map(({ entry }) => entry);
  return database.transaction(async (transaction) => {
    await upsertEntries(transaction, recorded);
    if ((await readEntryStandings(transaction, recorded)).includes('changed')) return refused(changedEntry);
    const resolution = { resolution: 'replayed', by, note, generation: null } as const;
    const done = await resolveDeadLetter(transaction, letter, resolution);
    if (done === 'resolved-before') throw new Error('the letter has been resolved meanwhile');
    return { kind: 'replayed' };
  });
}

function refused(reason: string): ReplayOutcome {
  return { kind: 'refused', reason };
}
