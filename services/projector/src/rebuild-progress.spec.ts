import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rebuildProgress } from './rebuild-progress.js';

const course = (applied: readonly (readonly [number, number])[] = []): Parameters<typeof rebuildProgress>[0] => ({
  generation: 2,
  target: new Map([
    [0, 600],
    [1, 400],
  ]),
  begun: { applied: new Map(applied), at: 1_000 },
});

describe('the progress of a rebuild', () => {
  it('is measured against the target, and says how long the rest takes at the pace so far', () => {
    const applied = new Map([
      [0, 200],
      [1, 50],
    ]);
    expect(rebuildProgress(course(), { applied, at: 3_000 })).toEqual({
      generation: 2,
      applied: 250,
      target: 1_000,
      recordsPerSecond: 125,
      secondsLeft: 6,
    });
  });

  it('leaves what another builder did out of the pace', () => {
    const progress = rebuildProgress(course([[0, 600]]), {
      applied: new Map([
        [0, 600],
        [1, 100],
      ]),
      at: 2_000,
    });
    expect(progress).toMatchObject({ applied: 700, recordsPerSecond: 100, secondsLeft: 3 });
  });

  it('has neither pace nor end before anything is applied', () => {
    const progress = rebuildProgress(course(), { applied: new Map(), at: 1_000 });
    expect(progress).toMatchObject({ applied: 0, recordsPerSecond: null, secondsLeft: null });
  });

  it('is at the end where the target is reached, however empty the topic', () => {
    const empty = { ...course(), target: new Map<number, number>() };
    expect(rebuildProgress(empty, { applied: new Map(), at: 1_000 })).toMatchObject({ target: 0, secondsLeft: 0 });
  });

  it('never exceeds the target, wherever the offsets are', () => {
    const offsets = fc.dictionary(fc.constantFrom('0', '1', '2'), fc.nat({ max: 1_000 }));
    fc.assert(
      fc.property(offsets, offsets, fc.nat({ max: 1e6 }), (wanted, reached, at) => {
        const [target, applied] = [wanted, reached].map(
          (one) => new Map(Object.entries(one).map(([partition, next]) => [Number(partition), next])),
        );
        const begun = { applied: new Map<number, number>(), at: 0 };
        const progress = rebuildProgress(
          { generation: 1, target: target ?? new Map(), begun },
          { applied: applied ?? new Map(), at },
        );
        expect(progress.applied).toBeLessThanOrEqual(progress.target);
        expect(progress.secondsLeft === 0).toBe(progress.applied === progress.target);
      }),
    );
  });
});
