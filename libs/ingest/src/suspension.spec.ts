import { describe, expect, it } from '@jest/globals';
import { Suspension } from './suspension.js';

function watched(): { readonly pass: (milliseconds: number) => void; readonly suspension: Suspension } {
  let now = 1000;
  const suspension = new Suspension({ now: () => now, longestGapMs: 5_000, settleMs: 6_000 });
  return { suspension, pass: (milliseconds) => (now += milliseconds) };
}

describe('a process that was stopped', () => {
  it('knows it at once, before anything else has run', () => {
    const { suspension, pass } = watched();
    expect(suspension.isRecent).toBe(false);
    pass(60_000);
    expect(suspension.isRecent).toBe(true);
  });

  it('still knows it when its timer ran first, until others must have told it', () => {
    const { suspension, pass } = watched();
    pass(5_001);
    suspension.tick();
    for (let second = 1; second <= 5; second += 1) {
      pass(1_000);
      expect(suspension.isRecent).toBe(true);
    }
    pass(1_000);
    expect(suspension.isRecent).toBe(false);
  });

  it('is no matter while it ticks', () => {
    const { suspension, pass } = watched();
    for (let tick = 0; tick < 10; tick += 1) {
      pass(5_000);
      suspension.tick();
      expect(suspension.isRecent).toBe(false);
    }
  });
});
