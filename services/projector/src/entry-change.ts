import type { RecordBatch } from '@hybrid-sync/kafka';
import {
  insertDeadLetters,
  isRefusedValue,
  readEntryStandings,
  upsertEntries,
  type EntryStanding,
  type Queryable,
} from '@hybrid-sync/store';
import { foldEntries, parseEntries, type EntriesAndLetters } from './entry-fold.js';
import type { Located, TopicChange } from './topic-change.js';

/** The fold of a whole batch on top of what is recorded. Read before the transaction, since letters are published before. */
export async function foldedEntries(db: Queryable, { records }: RecordBatch): Promise<EntriesAndLetters> {
  const parsed = parseEntries(records);
  return foldEntries(parsed, await standingsOf(db, parsed));
}

/** What one part of the batch does. */
export function entryChange({ fromOffset, nextOffset }: RecordBatch, folded: EntriesAndLetters): TopicChange<Located> {
  const isMine = ({ offset }: { readonly offset: number }): boolean => fromOffset <= offset && offset < nextOffset;
  const part = {
    entries: folded.entries.filter(({ record }) => isMine(record)),
    deadLetters: folded.deadLetters.filter(isMine),
  };
  return {
    deadLetters: part.deadLetters,
    rows: 0,
    retractions: [],
    write: (transaction, { incarnation }) => writeFolded(transaction, part, incarnation),
  };
}

async function writeFolded(transaction: Queryable, part: EntriesAndLetters, incarnation: string): Promise<void> {
  const entries = part.entries.map(({ entry }) => entry);
  await upsertEntries(transaction, entries);
  const standings = await readEntryStandings(transaction, entries);
  if (!standings.every((standing) => standing === 'same'))
    throw new Error('an entry was recorded otherwise meanwhile, by a record in another partition');
  await insertDeadLetters(
    transaction,
    part.deadLetters.map((letter) => ({ ...letter, incarnation })),
  );
}

/** A value that the database refuses is looked for when it is written. */
async function standingsOf(db: Queryable, { entries }: EntriesAndLetters): Promise<readonly EntryStanding[]> {
  try {
    return await readEntryStandings(
      db,
      entries.map(({ entry }) => entry),
    );
  } catch (error) {
    if (isRefusedValue(error)) return [];
    throw error;
  }
}
