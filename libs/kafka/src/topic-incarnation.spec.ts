import { describe, expect, it } from '@jest/globals';
import { incarnationOf } from './topic-incarnation.js';

const topicId = 'ASNFZ4mrze8BI0VniavN7w';
const ranges = (...starts: readonly (readonly [number, number])[]) =>
  new Map(starts.map(([partition, start]) => [partition, { start, end: 1_000 }]));
const compacted = new Map([['cleanup.policy', 'compact']]);

describe('the incarnation of a topic', () => {
  it('is its id while nothing of it is gone', () => {
    expect(incarnationOf({ topicId, config: compacted, ranges: ranges([0, 0], [1, 0]) })).toBe(topicId);
  });

  it('names where truncated partitions begin, in their order as numbers', () => {
    const found = ranges([10, 7], [2, 500], [0, 0], [3, 1]);
    expect(incarnationOf({ topicId, config: compacted, ranges: found })).toBe(`${topicId} 2=500 3=1 10=7`);
  });

  it.each(['delete', 'compact,delete'])('does not mind where partitions begin when the policy is %s', (policy) => {
    const config = new Map([['cleanup.policy', policy]]);
    expect(incarnationOf({ topicId, config, ranges: ranges([0, 500]) })).toBe(topicId);
  });
});
