import { describe, expect, it } from '@jest/globals';
import type { Generation } from '@hybrid-sync/store';
import { switchBackRefusal, type FormerStanding } from './rebuild-switch-back.js';

const former: Generation = {
  generation: 1,
  slot: 'a',
  state: 'former',
  topic: 'revocations',
  incarnation: 'one',
  reason: 'initial',
  commandId: null,
  targetOffsets: new Map(),
  startedAt: new Date(0),
  switchedAt: new Date(0),
};

function refusal(changes: Partial<FormerStanding> = {}): string | null {
  const currentAges = new Map([
    [0, 10],
    [1, 20],
  ]);
  return switchBackRefusal({
    former,
    incarnation: 'one',
    currentAges,
    ageSeconds: 5_000,
    tombstoneSeconds: 100,
    ...changes,
  });
}

describe('going back to the former generation', () => {
  it('is possible while it has missed nothing', () => {
    expect(refusal()).toBeNull();
  });

  it('is refused where there is none', () => {
    expect(refusal({ former: null })).toBe('there is no former generation');
  });

  it('is refused where the topic was made again since', () => {
    expect(refusal({ incarnation: 'two' })).toContain('another incarnation');
    expect(refusal({ former: { ...former, incarnation: null } })).toContain('another incarnation');
  });

  it('is refused once any partition has stood still for as long as tombstones are kept', () => {
    const stale = new Map([
      [0, 10],
      [1, 100],
    ]);
    expect(refusal({ currentAges: stale })).toContain('stood still for 100 s');
  });

  it('takes a partition that was never at its end to have stood still since the generation began', () => {
    const unknown = new Map([
      [0, 10],
      [1, null],
    ]);
    expect(refusal({ currentAges: unknown })).toContain('stood still for 5000 s');
    expect(refusal({ currentAges: unknown, ageSeconds: 50 })).toBeNull();
  });
});
