import { describe, expect, it } from '@jest/globals';
import { revocationKey } from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import type { StoredLetter } from '@hybrid-sync/store';
import fc from 'fast-check';
import { identity } from '../../../libs/domain/src/testing/arbitraries.js';
import { deadLetterOf } from './dead-letter.js';
import { planReplay, recordOf, type ReplayPlan } from './replay-plan.js';
import { foldRevocations, parserFor, type ParseRevocation } from './revocation-fold.js';
import { storedLetter } from './testing/letters.js';
import { batchOf, logOf, recordsOf, retracted, revoked, type Written } from './testing/records.js';

const parse = parserFor(identity);
const nothingLater = { newest: null, isDead: false };
const letterOf = (record: LogRecord): StoredLetter =>
  storedLetter({ ...deadLetterOf(record, record.key?.toString() ?? null, 'x') });
const [early, late, broken] = recordsOf([
  revoked(logOf(1, 7)),
  retracted(logOf(1, 7)),
  { key: revocationKey(logOf(1, 7)), value: 'x' },
]);
if (early === undefined || late === undefined || broken === undefined) throw new Error('three records');
const reasonOf = (plan: ReplayPlan): string => (plan.kind === 'refused' ? plan.reason : plan.kind);

describe('the replay of a dead letter', () => {
  it('takes the record as it came', () => {
    const record = { ...early, timestamp: 0, headers: { source: Buffer.from('batch'), raw: Buffer.from([0xff]) } };
    expect(recordOf(letterOf(record))).toEqual(record);
    const empty = { ...record, key: null, value: Buffer.alloc(0) };
    expect(recordOf(letterOf(empty))).toEqual(empty);
  });

  it('applies the last record of its key', () => {
    expect(planReplay(letterOf(early), nothingLater, parse)).toMatchObject({
      kind: 'apply',
      key: revocationKey(logOf(1, 7)),
      record: { offset: 0 },
    });
  });

  it('refuses what still cannot be read, with the reason', () => {
    expect(reasonOf(planReplay(letterOf(broken), nothingLater, parse))).toBe(
      'the record still cannot be read: the value is not JSON',
    );
  });

  it('leaves it to a later record that has been applied', () => {
    const plan = planReplay(letterOf(early), { newest: late, isDead: false }, parse);
    expect(plan).toEqual({ kind: 'overtaken', by: 'revocations/3/1' });
  });

  it('names the later record that decides, where that one is dead too', () => {
    expect(reasonOf(planReplay(letterOf(early), { newest: late, isDead: true }, parse))).toContain(
      'replay revocations/3/1',
    );
    expect(reasonOf(planReplay(letterOf(early), { newest: broken, isDead: true }, parse))).toContain(
      'cannot be read: revocations/3/2',
    );
  });

  it('leads to what a fold by the code of today gives, in whatever order letters are replayed', () => {
    const anyWritten = fc
      .tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 }), fc.constantFrom('old', 'new', 'new', 'never'))
      .map(([signature, block, since]) => writtenOf(signature, block, since));
    fc.assert(
      fc.property(fc.array(anyWritten, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (written, choices) => {
        const records = recordsOf(written);
        const model = new Model(records);
        model.replayAll(choices);
        expect(model.live).toEqual(liveAfter(records, parse));
        expect(model.stuck().map(parse)).toEqual([]);
      }),
    );
  });
});

/** @param since which code can read the record: the one of before, only the one of today, or none */
function writtenOf(signature: number, block: number, since: string): Written {
  const log = logOf(1, signature, block);
  const { key, value } = block === 0 ? retracted(log) : revoked(log);
  return { key, value: since === 'never' ? 'x' : value, headers: { since } };
}

const parseBefore: ParseRevocation = (record) =>
  record.headers['since']?.toString() === 'old'
    ? parse(record)
    : { kind: 'malformed', key: record.key?.toString() ?? null, reason: 'x' };

/** Block of the live log by key. */
function liveAfter(records: readonly LogRecord[], how: ParseRevocation): Map<string, number> {
  const { upserts } = foldRevocations(batchOf(records), how);
  return new Map(upserts.map(({ record }) => [revocationKey(record), record.blockNumber]));
}

/** The tables of a projector that has folded the records with the code of before. */
class Model {
  readonly live: Map<string, number>;
  /** Unresolved letters by offset. */
  readonly open = new Map<number, LogRecord>();

  constructor(readonly records: readonly LogRecord[]) {
    this.live = liveAfter(records, parseBefore);
    for (const record of records) {
      if (parseBefore(record).kind === 'malformed') this.open.set(record.offset, record);
      else this.supersede(record);
    }
  }

  /** As long as any replay leads anywhere. */
  replayAll(choices: Iterator<number>): void {
    for (;;) {
      const ready = [...this.open.values()].filter((record) => this.plan(record).kind !== 'refused');
      const record = ready[Number(choices.next().value) % Math.max(ready.length, 1)];
      if (record === undefined) return;
      this.replay(record, this.plan(record));
    }
  }

  /** Unresolved letters whose key ends with a record that can be read. */
  stuck(): readonly LogRecord[] {
    return [...this.open.values()].filter((record) => {
      const last = this.records.findLast((other) => sameKey(other, record)) ?? record;
      return parse(last).kind === 'record';
    });
  }

  private replay(record: LogRecord, plan: ReplayPlan): void {
    this.open.delete(record.offset);
    if (plan.kind !== 'apply') return;
    const { deletes, upserts } = foldRevocations(batchOf([plan.record]), parse);
    for (const gone of deletes) this.live.delete(revocationKey(gone));
    for (const { record: log } of upserts) this.live.set(revocationKey(log), log.blockNumber);
    this.supersede(record);
  }

  private plan(record: LogRecord): ReplayPlan {
    const newest = this.records.findLast((other) => other.offset > record.offset && sameKey(other, record)) ?? null;
    return planReplay(letterOf(record), { newest, isDead: newest !== null && this.open.has(newest.offset) }, parse);
  }

  private supersede(by: LogRecord): void {
    for (const [offset, record] of this.open) if (offset < by.offset && sameKey(record, by)) this.open.delete(offset);
  }
}

function sameKey(one: LogRecord, other: LogRecord): boolean {
  return String(one.key) === String(other.key);
}
