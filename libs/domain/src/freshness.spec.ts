import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { unprovenReasons, type Watermark } from './freshness.js';

const proven: Watermark = {
  asOfBlock: 7,
  asOfAgeSeconds: 3,
  finalityViolation: false,
  deadLetter: false,
  audit: null,
  topicMisconfigured: false,
};
const policy = { maxStalenessSeconds: 120 };

describe('"not revoked"', () => {
  it('is proven by gapless, young coverage without a violation or a dead letter', () => {
    expect(unprovenReasons(proven, policy)).toEqual([]);
  });

  it.each([
    ['not-synced', { asOfBlock: null, asOfAgeSeconds: null }],
    ['stale', { asOfAgeSeconds: 120 }],
    ['stale', { asOfAgeSeconds: null }],
    ['finality_violation', { finalityViolation: true }],
    ['dead-letter', { deadLetter: true }],
    ['topic-misconfigured', { topicMisconfigured: true }],
    ['audit-mismatch', { audit: 'audit-mismatch' }],
    ['audit-pending', { audit: 'audit-pending' }],
  ] as const)('is unproven as %s with %p', (reason, change) => {
    expect(unprovenReasons({ ...proven, ...change }, policy)).toEqual([reason]);
  });

  it('is proven up to the very limit of staleness, and not at it', () => {
    expect(unprovenReasons({ ...proven, asOfAgeSeconds: 119.999 }, policy)).toEqual([]);
    expect(unprovenReasons({ ...proven, asOfAgeSeconds: 120 }, policy)).toEqual(['stale']);
  });

  it('never grows stale without a limit, and still needs the rest', () => {
    const unlimited = { maxStalenessSeconds: 0 };
    expect(unprovenReasons({ ...proven, asOfAgeSeconds: 1e9 }, unlimited)).toEqual([]);
    expect(unprovenReasons({ ...proven, asOfBlock: null }, unlimited)).toEqual(['not-synced']);
  });

  it('names every reason at once', () => {
    const doubts = {
      finalityViolation: true,
      deadLetter: true,
      audit: 'audit-mismatch',
      topicMisconfigured: true,
    } as const;
    const reasons = unprovenReasons({ asOfBlock: 7, asOfAgeSeconds: 500, ...doubts }, policy);
    expect(reasons).toEqual(['stale', 'finality_violation', 'audit-mismatch', 'topic-misconfigured', 'dead-letter']);
  });

  it('is never proven again by growing older', () => {
    const ages = fc.tuple(fc.nat({ max: 500 }), fc.nat({ max: 500 }), fc.nat({ max: 300 }));
    fc.assert(
      fc.property(ages, ([age, more, maxStalenessSeconds]) => {
        const young = unprovenReasons({ ...proven, asOfAgeSeconds: age }, { maxStalenessSeconds });
        const old = unprovenReasons({ ...proven, asOfAgeSeconds: age + more }, { maxStalenessSeconds });
        expect(old).toEqual(expect.arrayContaining([...young]));
      }),
    );
  });
});
