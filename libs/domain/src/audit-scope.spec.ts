import { describe, expect, it } from '@jest/globals';
import type { Audit } from './audit.js';
import { auditDuringPass, auditHeight, auditScope, joinScopes, mismatchText } from './audit-scope.js';
import type { Coverage } from './sync-status.js';
import { hashOf, lockIdOf } from './testing/arbitraries.js';

const clean: Audit = { blockNumber: 90, locks: 5, mismatched: 0, mismatches: [], finding: null };
const wrong: Audit = {
  ...clean,
  mismatched: 1,
  mismatches: [{ lockId: lockIdOf(3), onContract: 2, onTopic: 1 }],
  finding: 'lock 3',
};
const touched = new Set([lockIdOf(7)]);

describe('the locks of an audit', () => {
  it.each([[null], ['pending' as const]])('are all of them after %p', (last) => {
    expect(auditScope(touched, last)).toBe('all');
  });

  it('are those that were touched where nothing was wrong', () => {
    expect(auditScope(touched, clean)).toEqual(touched);
    expect(auditScope('all', clean)).toBe('all');
  });

  it('are also those that were wrong, so that only they can clear the finding', () => {
    expect(auditScope(touched, wrong)).toEqual(new Set([7n, 3n]));
  });

  it('are all of them where more were wrong than the audit names', () => {
    expect(auditScope(touched, { ...wrong, mismatched: 21 })).toBe('all');
  });

  it('are joined without loss', () => {
    expect(joinScopes(touched, new Set([lockIdOf(1)]))).toEqual(new Set([7n, 1n]));
    expect(joinScopes(touched, 'all')).toBe('all');
  });
});

function coverage(claim: Partial<Coverage>): Coverage {
  const to = { coveredTo: 100, coveredToHash: hashOf(100), coveredToTimestamp: 1_700_000_000 };
  return { coveredFrom: 10, ...to, settledTo: 50, offsets: new Map(), ...claim };
}

describe('the block of an audit', () => {
  const at = { startBlock: 10, finalizedBlock: 80 };

  it('is the last one that a pass has settled', () => {
    expect(auditHeight({ own: coverage({}), realtime: null }, at)).toBe(50);
  });

  it('is final on the endpoint that is asked, too', () => {
    expect(auditHeight({ own: coverage({}), realtime: null }, { ...at, finalizedBlock: 40 })).toBe(40);
  });

  it('goes on to the finalized block where realtime coverage joins', () => {
    expect(auditHeight({ own: coverage({}), realtime: coverage({ coveredFrom: 51 }) }, at)).toBe(80);
    expect(auditHeight({ own: coverage({}), realtime: coverage({ coveredFrom: 51, coveredTo: 70 }) }, at)).toBe(70);
    expect(auditHeight({ own: coverage({}), realtime: coverage({ coveredFrom: 52 }) }, at)).toBe(50);
  });

  it('does not exist before anything final is covered', () => {
    expect(auditHeight({ own: null, realtime: coverage({}) }, at)).toBeNull();
    expect(auditHeight({ own: coverage({ settledTo: 9 }), realtime: null }, at)).toBeNull();
  });
});

describe('what a pass says of audits', () => {
  it('is that the first one is to come while the history is read from its beginning', () => {
    expect(auditDuringPass(null, { isProven: true })).toBe('pending');
    expect(auditDuringPass({ coverage: null, audit: clean }, { isProven: true })).toBe('pending');
  });

  it('is that one is to come while more is read than is proven', () => {
    expect(auditDuringPass({ coverage: coverage({}), audit: clean }, { isProven: false })).toBe('pending');
    expect(auditDuringPass({ coverage: coverage({}), audit: wrong }, { isProven: false })).toBe(wrong);
  });

  it('is what was said before in every other case', () => {
    for (const audit of [null, 'pending', clean, wrong] as const) {
      expect(auditDuringPass({ coverage: coverage({}), audit }, { isProven: true })).toBe(audit);
    }
  });
});

describe('what is wrong', () => {
  it('is no news while both counts grow by the same', () => {
    const grown = { ...wrong, blockNumber: 95, mismatches: [{ lockId: lockIdOf(3), onContract: 6, onTopic: 5 }] };
    expect(mismatchText(grown)).toBe(mismatchText(wrong));
    expect(mismatchText(clean)).toBe('');
    const worse = { ...wrong, mismatches: [{ lockId: lockIdOf(3), onContract: 6, onTopic: 4 }] };
    expect(mismatchText(worse)).not.toBe(mismatchText(wrong));
  });
});
