import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HeadRhythm } from './head-rhythm.js';

const bounds = { leastMs: 2_000, mostMs: 60_000 };

function after(times: readonly number[]): HeadRhythm {
  const rhythm = new HeadRhythm(bounds);
  for (const time of times) rhythm.noticed(time);
  return rhythm;
}

describe('a silence', () => {
  it('is one of three times the usual pause between two heads', () => {
    expect(after([0, 12_000, 24_000]).silenceMs).toBe(36_000);
    expect(after([0, 1_000, 3_000]).silenceMs).toBeCloseTo(3_600);
  });

  it('is waited for longest while nothing is known', () => {
    expect(after([]).silenceMs).toBe(60_000);
    expect(after([7]).silenceMs).toBe(60_000);
  });

  it('does not make the usual pause longer', () => {
    const rhythm = after([0, 1_000]);
    rhythm.interrupted();
    rhythm.noticed(1_000_000);
    expect(rhythm.silenceMs).toBe(3_000);
  });

  it('is neither shorter nor longer than its bounds, however heads come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1_000_000 })), (gaps) => {
        let now = 0;
        const { silenceMs } = after(gaps.map((gap) => (now += gap)));
        expect(silenceMs).toBeGreaterThanOrEqual(bounds.leastMs);
        expect(silenceMs).toBeLessThanOrEqual(bounds.mostMs);
      }),
    );
  });
});
