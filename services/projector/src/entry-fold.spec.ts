import { describe, expect, it } from '@jest/globals';
import { encodeEntry, type SignatureEntry } from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import type { EntryStanding } from '@hybrid-sync/store';
import fc from 'fast-check';
import { lockIdOf } from '../../../libs/domain/src/testing/arbitraries.js';
import { signatureEntry } from '../../../libs/domain/src/testing/entries.js';
import { changedEntry, foldEntries, parseEntries, type EntriesAndLetters } from './entry-fold.js';
import { entryOf, entryRecord, recordsOf, type Written } from './testing/records.js';

const fold = (...written: readonly Written[]): EntriesAndLetters => foldEntries(parseEntries(recordsOf(written)), []);
const idsOf = ({ entries }: EntriesAndLetters): readonly string[] => entries.map(({ entry }) => entry.entryId);
const lettersOf = ({ deadLetters }: EntriesAndLetters): readonly (readonly [number, string])[] =>
  deadLetters.map(({ offset, reason }) => [offset, reason]);

describe('the fold of entries', () => {
  it('takes what a record says', () => {
    const [met] = fold(entryRecord(entryOf(1))).entries;
    expect(met).toMatchObject({ record: { offset: 0 }, entry: entryOf(1) });
  });

  it('takes an id once, however often its record comes', () => {
    const folded = fold(entryRecord(entryOf(1)), entryRecord(entryOf(2)), entryRecord(entryOf(1)));
    expect(idsOf(folded)).toEqual([entryOf(1).entryId, entryOf(2).entryId]);
    expect(folded.deadLetters).toEqual([]);
  });

  it('keeps the first entry of an id, and puts another one aside', () => {
    const folded = fold(entryRecord(entryOf(1)), entryRecord({ ...entryOf(1), lockId: lockIdOf(8) }));
    expect(folded.entries).toMatchObject([{ entry: { lockId: 7n } }]);
    expect(lettersOf(folded)).toEqual([[1, changedEntry]]);
  });

  it('makes no difference between two orders of metadata', () => {
    const one = entryRecord({ ...entryOf(1), metadata: { a: 1, b: { c: 0, d: 2 } } });
    const other = entryRecord({ ...entryOf(1), metadata: { b: { d: 2, c: -0 }, a: 1 } });
    expect(fold(one, other).deadLetters).toEqual([]);
  });

  it('puts aside what is no entry, and goes on', () => {
    const value = encodeEntry(entryOf(1));
    const folded = fold({ key: null, value }, { key: entryOf(1).entryId, value: null }, entryRecord(entryOf(2)));
    expect(idsOf(folded)).toEqual([entryOf(2).entryId]);
    expect(lettersOf(folded)).toEqual([
      [0, 'the key is not the id of the entry'],
      [1, 'the value is not JSON'],
    ]);
  });

  it('never keeps "not revoked" of a key from being said', () => {
    expect(fold({ key: '1-0xab', value: 'x' }).deadLetters).toMatchObject([{ revocationKey: null }]);
  });

  it('adds what is unknown, leaves what is recorded, and puts aside what is recorded otherwise', () => {
    const parsed = parseEntries(recordsOf([entryOf(1), entryOf(2), entryOf(3)].map(entryRecord)));
    const folded = foldEntries(parsed, ['changed', 'unknown', 'same']);
    expect(idsOf(folded)).toEqual([entryOf(2).entryId]);
    expect(lettersOf(folded)).toEqual([[0, changedEntry]]);
  });

  it('records the same, and puts the same aside, wherever batches begin and end', () => {
    const anyWritten = fc
      .tuple(fc.nat({ max: 4 }), fc.nat({ max: 2 }), fc.boolean())
      .map(([id, lock, isWhole]) => written(signatureEntry({ ...entryOf(id), lockId: lockIdOf(lock) }), isWhole));
    fc.assert(
      fc.property(fc.array(anyWritten), fc.array(fc.integer({ min: 1, max: 4 })), (all, sizes) => {
        const records = recordsOf(all);
        expect(inBatches(records, sizes)).toEqual(inBatches(records, []));
      }),
    );
  });
});

function written(entry: SignatureEntry, isWhole: boolean): Written {
  return isWhole ? entryRecord(entry) : { key: entry.entryId, value: '{}' };
}

/** What is recorded, and the offsets of what is put aside, by a table that keeps the first entry of an id. */
function inBatches(records: readonly LogRecord[], sizes: readonly number[]): unknown {
  const table = new Map<string, SignatureEntry>();
  const aside: number[] = [];
  let from = 0;
  for (const size of [...sizes, records.length]) {
    const parsed = parseEntries(records.slice(from, from + size));
    const standings = parsed.entries.map(({ entry }) => standingOf(table.get(entry.entryId), entry));
    const { entries, deadLetters } = foldEntries(parsed, standings);
    for (const { entry } of entries) table.set(entry.entryId, entry);
    aside.push(...deadLetters.map(({ offset }) => offset));
    from += size;
  }
  return { table, aside };
}

function standingOf(recorded: SignatureEntry | undefined, entry: SignatureEntry): EntryStanding {
  if (recorded === undefined) return 'unknown';
  return encodeEntry(recorded) === encodeEntry(entry) ? 'same' : 'changed';
}
