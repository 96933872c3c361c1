import { describe, expect, it } from '@jest/globals';
import { revocationKey, type RevocationIdentity } from '@hybrid-sync/domain';
import type { LogRecord, RecordBatch } from '@hybrid-sync/kafka';
import fc from 'fast-check';
import { addressOf, identity } from '../../../libs/domain/src/testing/arbitraries.js';
import { foldRevocations, parserFor } from './revocation-fold.js';
import {
  batchesOf,
  batchOf,
  logOf,
  recordsOf,
  retracted,
  revoked,
  tombstone,
  type Written,
} from './testing/records.js';

const fold = (...written: readonly Written[]): ReturnType<typeof foldRevocations> =>
  foldRevocations(batchOf(recordsOf(written)), parserFor(identity));
const keysOf = (identities: readonly RevocationIdentity[]): readonly string[] => identities.map(revocationKey);

describe('the fold of a batch', () => {
  it('keeps the last log of a key, and who published the key first', () => {
    const { upserts, deletes } = fold(
      revoked(logOf(1, 7, 10), 'batch'),
      revoked(logOf(1, 8, 10), 'force-sync'),
      revoked(logOf(1, 7, 11), 'realtime'),
      revoked(logOf(1, 7, 12), 'realtime'),
    );
    expect(upserts.map(({ record, source, partition }) => [record.blockNumber, source, partition])).toEqual([
      [12, 'batch', 3],
      [10, 'force-sync', 3],
    ]);
    expect(deletes).toEqual([]);
  });

  it('takes a revocation back, and says what was taken back and why', () => {
    const { upserts, deletes, retractions } = fold(
      revoked(logOf(1, 7)),
      retracted(logOf(1, 7)),
      tombstone(logOf(2, 8)),
    );
    expect(upserts).toEqual([]);
    expect(keysOf(deletes)).toEqual(keysOf([logOf(1, 7), logOf(2, 8)]));
    expect(retractions).toMatchObject([
      { partition: 3, offset: 1, lockId: 1n, reason: 'reorg', log: { blockNumber: 1000 } },
      { partition: 3, offset: 2, lockId: 2n, reason: 'tombstone', log: null },
    ]);
  });

  it('makes a new row of a key that was taken back and revoked again', () => {
    const { upserts, deletes } = fold(retracted(logOf(1, 7, 10)), revoked(logOf(1, 7, 11), 'batch'));
    expect(keysOf(deletes)).toEqual(keysOf([logOf(1, 7)]));
    expect(upserts).toMatchObject([{ record: { blockNumber: 11 }, source: 'batch' }]);
  });

  it('puts aside what is not a record of this contract, and goes on', () => {
    const log = logOf(1, 7);
    const foreign = { chainId: 5, contract: identity.contract };
    const other = { chainId: identity.chainId, contract: addressOf(0xbad) };
    const { upserts, deadLetters } = fold(
      { key: null, value: 'no key' },
      { key: revocationKey(log), value: 'not json' },
      revoked(log, 'realtime', foreign),
      revoked(log, 'realtime', other),
      { key: 'elsewhere', value: null },
      revoked(logOf(1, 8)),
    );
    expect(deadLetters.map(({ offset, revocationKey: key, reason }) => [offset, key, reason])).toEqual([
      [0, null, 'the key is not lockId-signatureHash'],
      [1, revocationKey(log), 'the value is not JSON'],
      [2, revocationKey(log), 'the record is of chain 5'],
      [3, revocationKey(log), `the record is of contract ${other.contract}`],
      [4, null, 'the key is not lockId-signatureHash'],
    ]);
    expect(keysOf(upserts.map(({ record }) => record))).toEqual(keysOf([logOf(1, 8)]));
  });

  it('takes a key back where its record cannot be read, and leaves a dead letter for it', () => {
    const [log, other] = [logOf(1, 7), logOf(1, 8)];
    const { upserts, deletes, retractions, deadLetters, good } = fold(
      revoked(log),
      revoked(other),
      { key: revocationKey(log), value: 'garbage' },
      { key: revocationKey(other), value: 'garbage' },
      revoked(other),
    );
    expect(keysOf(upserts.map(({ record }) => record))).toEqual(keysOf([other]));
    expect(keysOf(deletes)).toEqual(keysOf([log, other]));
    expect(retractions).toMatchObject([
      { offset: 2, reason: 'malformed', log: null },
      { offset: 3, reason: 'malformed', log: null },
    ]);
    expect(deadLetters).toMatchObject([{ offset: 2 }, { offset: 3 }]);
    expect([...good]).toEqual([
      [revocationKey(log), 0],
      [revocationKey(other), 4],
    ]);
  });

  it('counts a record whose source is not known as found by a batch pass', () => {
    const { key, value } = revoked(logOf(1, 7));
    expect(fold({ key, value }).upserts[0]?.source).toBe('batch');
    expect(fold({ key, value, headers: { source: 'elsewhere' } }).upserts[0]?.source).toBe('batch');
  });
});

/** The tables, as the statements change them: open dead letters by key, since compaction keeps the last record of one. */
function applied(batches: readonly RecordBatch[]): { live: unknown; open: unknown; retractions: unknown } {
  const rows = new Map<string, { row: number; block: number; source: string }>();
  const retractions: unknown[] = [];
  const letters: { key: string; offset: number; open: boolean }[] = [];
  let inserted = 0;
  for (const batch of batches) {
    const folded = foldRevocations(batch, parserFor(identity));
    for (const gone of folded.deletes) rows.delete(revocationKey(gone));
    for (const { record, source } of folded.upserts) {
      const there = rows.get(revocationKey(record));
      const made = there ?? { row: (inserted += 1), source, block: 0 };
      rows.set(revocationKey(record), { ...made, block: record.blockNumber });
    }
    retractions.push(...folded.retractions);
    for (const { key, offset } of folded.deadLetters) letters.push({ key: String(key), offset, open: true });
    for (const letter of letters) if (letter.offset < (folded.good.get(letter.key) ?? -1)) letter.open = false;
  }
  const live = [...rows].map(([key, { block, source }]) => [key, block, source]);
  const open = new Set(letters.flatMap((letter) => (letter.open ? [letter.key] : [])));
  return { live: live.sort(), open: [...open].sort(), retractions };
}

const anyLog = fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 1 }), fc.nat({ max: 3 }));
const foreign = { chainId: 5, contract: identity.contract };
const anyWritten: fc.Arbitrary<Written> = fc.oneof(
  fc
    .tuple(anyLog, fc.constantFrom('realtime' as const, 'batch' as const, 'force-sync' as const))
    .map(([log, source]) => revoked(logOf(...log), source)),
  anyLog.map((log) => retracted(logOf(...log))),
  anyLog.map((log) => tombstone(logOf(...log))),
  anyLog.map((log) => ({ key: revocationKey(logOf(...log)), value: 'garbage' })),
  anyLog.map((log) => revoked(logOf(...log), 'batch', foreign)),
  fc.constantFrom('elsewhere', 'nowhere').map((key) => ({ key, value: 'garbage' })),
);

/** Without the records of the first part of the log whose keys come again in that part. */
function compacted(written: readonly Written[], upTo: number): LogRecord[] {
  const last = new Map(written.slice(0, upTo).map((record, index) => [record.key, index]));
  return recordsOf(written).filter((_, index) => index >= upTo || last.get(written[index]?.key ?? null) === index);
}

/** Who published a key first is known by the records that compaction takes. */
function withoutPublishers({ live, open }: ReturnType<typeof applied>): string {
  return JSON.stringify({ live, open }).replaceAll(/realtime|batch|force-sync/g, '');
}

describe('folding a topic', () => {
  it('gives the same tables wherever its batches begin and end', () => {
    fc.assert(
      fc.property(fc.array(anyWritten, { maxLength: 30 }), fc.array(fc.nat({ max: 8 })), (written, sizes) => {
        const records = recordsOf(written);
        const oneByOne = applied(
          batchesOf(
            records,
            written.map(() => 1),
          ),
        );
        expect(applied(batchesOf(records, sizes))).toEqual(oneByOne);
        expect(applied([batchOf(records)])).toEqual(oneByOne);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same rows and open dead letters however much of it was compacted before', () => {
    fc.assert(
      fc.property(
        fc.array(anyWritten, { maxLength: 30 }),
        fc.nat({ max: 30 }),
        fc.array(fc.nat({ max: 8 })),
        (written, upTo, sizes) => {
          const kept = compacted(written, upTo);
          const whole = withoutPublishers(applied([batchOf(recordsOf(written))]));
          expect(withoutPublishers(applied(batchesOf(kept, sizes)))).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });
});
