import { isDeepStrictEqual } from 'node:util';
import { encodeEntry, parseEntryRecord, type SignatureEntry } from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import type { EntryStanding } from '@hybrid-sync/store';
import { deadLetterOf, type MetLetter } from './dead-letter.js';

/** An entry and the record that brought it. */
export interface MetEntry {
  readonly record: LogRecord;
  readonly entry: SignatureEntry;
}

/** What records of the entries topic bring, or do to the audit trail. */
export interface EntriesAndLetters {
  readonly entries: readonly MetEntry[];
  readonly deadLetters: readonly MetLetter[];
}

/** Why a record is left out whose id is known. */
export const changedEntry = 'another entry is recorded under its id';

export function parseEntries(records: readonly LogRecord[]): EntriesAndLetters {
  const entries: MetEntry[] = [];
  const deadLetters: MetLetter[] = [];
  for (const record of records) {
    const parsed = parseEntryRecord(record.key, record.value);
    if (parsed.kind === 'malformed') deadLetters.push(deadLetterOf(record, null, parsed.reason));
    else entries.push({ record, entry: parsed.record });
  }
  return { entries, deadLetters };
}

/**
 * The new entries, each id once, and in offset order what is put aside. First record per id wins: an entry is a fact. The
 * same again changes nothing, and another one becomes a dead letter.
 * @param standings how each entry stands to what is recorded
 */
export function foldEntries(parsed: EntriesAndLetters, standings: readonly EntryStanding[]): EntriesAndLetters {
  const first = new Map<string, MetEntry>();
  const deadLetters = [...parsed.deadLetters];
  for (const [index, met] of parsed.entries.entries()) {
    const standing = standings[index] ?? 'unknown';
    const known = first.get(met.entry.entryId);
    if (standing === 'changed' || (known !== undefined && !isSame(known.entry, met.entry)))
      deadLetters.push(deadLetterOf(met.record, null, changedEntry));
    else if (standing === 'unknown' && known === undefined) first.set(met.entry.entryId, met);
  }
  return { entries: [...first.values()], deadLetters: deadLetters.sort((one, other) => one.offset - other.offset) };
}

/** As the wire has them: 0 and -0 are one, and so are two orders of metadata. */
function isSame(one: SignatureEntry, other: SignatureEntry): boolean {
  return isDeepStrictEqual(onWire(one), onWire(other));
}

function onWire(entry: SignatureEntry): unknown {
  return JSON.parse(encodeEntry(entry));
}
