import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maxMismatches, type CountMismatch } from './audit.js';
import { auditOf, countMismatches, isBeforeStart, type AuditEvidence } from './audit-finding.js';
import { identity, lockIdOf } from './testing/arbitraries.js';

const evidence: AuditEvidence = {
  contract: identity.contract,
  startBlock: 100,
  revokedBeforeStart: 0,
  emitsEvent: true,
};

function counted(lock: number, onContract: number, onTopic: number): CountMismatch {
  return { lockId: lockIdOf(lock), onContract, onTopic };
}

function findingOf(counts: readonly CountMismatch[], known: Partial<AuditEvidence> = {}): string | null {
  return auditOf(500, counts, { ...evidence, ...known }).finding;
}

const anyCounts = fc.uniqueArray(
  fc.record({
    lockId: fc.nat({ max: 200 }).map(lockIdOf),
    onContract: fc.nat({ max: 3 }),
    onTopic: fc.nat({ max: 3 }),
  }),
  { selector: ({ lockId }) => lockId },
);
const anyEvidence = fc.record({
  contract: fc.constant(identity.contract),
  startBlock: fc.nat(),
  revokedBeforeStart: fc.option(fc.nat({ max: 5 })),
  emitsEvent: fc.boolean(),
});

describe('an audit', () => {
  it('finds nothing where every lock has as many revocations on the topic as on the contract', () => {
    const counts = [counted(1, 3, 3), counted(2, 0, 0)];
    expect(auditOf(500, counts, evidence)).toEqual({
      blockNumber: 500,
      locks: 2,
      mismatched: 0,
      mismatches: [],
      finding: null,
    });
  });

  it('has a finding exactly where counts differ, and names no more locks than a record has room for', () => {
    fc.assert(
      fc.property(anyCounts, anyEvidence, (counts, known) => {
        const audit = auditOf(500, counts, known);
        const wrong = counts.filter(({ onContract, onTopic }) => onContract !== onTopic);
        expect(audit).toMatchObject({ locks: counts.length, mismatched: wrong.length });
        expect(audit.finding === null).toBe(wrong.length === 0);
        expect(audit.mismatches).toHaveLength(Math.min(wrong.length, maxMismatches));
        expect(wrong).toEqual(expect.arrayContaining([...audit.mismatches]));
      }),
    );
  });

  it('is the same whatever order the locks were counted in', () => {
    fc.assert(
      fc.property(anyCounts, anyEvidence, (counts, known) => {
        expect(auditOf(500, counts.toReversed(), known)).toEqual(auditOf(500, counts, known));
      }),
    );
  });

  it('lists the locks in the order of their ids', () => {
    const ids = countMismatches([counted(10, 1, 0), counted(9, 1, 0), counted(2, 1, 1)]).map(({ lockId }) => lockId);
    expect(ids).toEqual([9n, 10n]);
  });
});

describe('the likely cause', () => {
  it('is the start block where the contract counted revocations before it', () => {
    expect(findingOf([counted(1, 3, 1)], { revokedBeforeStart: 2 })).toBe(
      "START_BLOCK is later than the contract's deployment: revocations before block 100 are not mirrored",
    );
  });

  it('is another generation of the contract where it counts and emits nothing that is mirrored', () => {
    expect(findingOf([counted(1, 3, 0)], { emitsEvent: false })).toBe(
      `the contract at ${identity.contract} counts revocations but emits no ` +
        'SignatureRevoked(uint256,bytes32,address) log: another generation of the contract',
    );
  });

  it('is the start block even where the contract has been silent since', () => {
    const known = { revokedBeforeStart: 3, emitsEvent: false };
    expect(findingOf([counted(1, 3, 0)], known)).toMatch(/^START_BLOCK is later/);
  });

  it('is the endpoints in every other case, and names some of the locks', () => {
    expect(findingOf([counted(4, 2, 1)])).toBe('the endpoints leave out logs of lock 4');
    const many = Array.from({ length: 8 }, (_, index) => counted(index + 1, 2, 1));
    expect(findingOf(many)).toBe('the endpoints leave out logs of locks 1, 2, 3, 4, 5 and 3 more');
  });

  it('may be either where nobody knows what was before the start block', () => {
    expect(findingOf([counted(4, 2, 1)], { revokedBeforeStart: null })).toBe(
      "the endpoints leave out logs of lock 4, or START_BLOCK is later than the contract's deployment: " +
        "no endpoint gives the contract's state before it",
    );
  });

  it('is on the topic where that holds more than the chain', () => {
    expect(findingOf([counted(4, 1, 2)])).toBe('the topic holds revocations that the chain does not have, of lock 4');
  });

  it('is told for both sides where one lock lacks what another has too much', () => {
    expect(findingOf([counted(4, 1, 2), counted(5, 2, 1)])).toBe(
      'the endpoints leave out logs of lock 5; the topic holds revocations that the chain does not have, of lock 4',
    );
  });
});

describe('what lies before the start block', () => {
  const before = (revokedBeforeStart: number | null): AuditEvidence => ({ ...evidence, revokedBeforeStart });

  it('is the whole cause where the contract counted then exactly what is missing now', () => {
    const counts = [counted(1, 3, 1), counted(2, 4, 1)];
    expect(isBeforeStart(counts, before(5))).toBe(true);
    expect(isBeforeStart(counts, before(4))).toBe(false);
    expect(isBeforeStart(counts, before(null))).toBe(false);
  });

  it('is never the cause of records that are too many', () => {
    expect(isBeforeStart([counted(1, 3, 1), counted(2, 1, 2)], before(1))).toBe(false);
  });
});
