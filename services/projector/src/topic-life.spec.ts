import { describe, expect, it } from '@jest/globals';
import { topicLife, wasAbsent } from './topic-life.js';

describe('a topic', () => {
  it('is the same while its incarnation is', () => {
    expect(topicLife('one', 'one')).toBe('same');
    expect(topicLife('one 3=500', 'one 3=500')).toBe('same');
    expect(topicLife('one', null)).toBe('first-seen');
  });

  it('was made again where its id is another one, and lost records where partitions begin elsewhere', () => {
    expect(topicLife('two', 'one')).toBe('recreated');
    expect(topicLife('two 3=500', 'one 3=500')).toBe('recreated');
    expect(topicLife('one 3=500', 'one')).toBe('truncated');
    expect(topicLife('one 3=501', 'one 3=500')).toBe('truncated');
  });
});

describe('a projector', () => {
  it('was absent where a partition was left alone for longer than tombstones are kept', () => {
    const generation = { startedSecondsAgo: 1_000, keptSeconds: 100 };
    expect(wasAbsent([3, 99], generation)).toBe(false);
    expect(wasAbsent([3, 101], generation)).toBe(true);
    expect(wasAbsent([], generation)).toBe(false);
  });

  it('was absent, too, where a fold has never come to the end of its topic in all that time', () => {
    expect(wasAbsent([3, null], { startedSecondsAgo: 1_000, keptSeconds: 100 })).toBe(true);
    expect(wasAbsent([3, null], { startedSecondsAgo: 10, keptSeconds: 100 })).toBe(false);
  });
});
