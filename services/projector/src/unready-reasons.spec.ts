import { describe, expect, it } from '@jest/globals';
import { unreadyReasons, type SeenStanding } from './unready-reasons.js';

const revocationTopic = 'revocations';
const topic = (changes: Partial<SeenStanding['topics'][number]> = {}): SeenStanding['topics'][number] => ({
  topic: revocationTopic,
  incarnation: 'one',
  differences: [],
  ...changes,
});
const standing = (changes: Partial<SeenStanding> = {}): SeenStanding => ({
  isDatabaseSeen: true,
  isKafkaSeen: true,
  topics: [topic(), topic({ topic: 'status', incarnation: 'other' })],
  active: { incarnation: 'one' },
  revocationTopic,
  ...changes,
});
const difference = { topic: 'status', setting: 'partitions', expected: '1', actual: '2' };

describe('a projector', () => {
  it('is ready while both its servers answer and its topics are what they were', () => {
    expect(unreadyReasons(standing())).toEqual([]);
    expect(unreadyReasons(standing({ active: { incarnation: null } }))).toEqual([]);
  });

  it.each([
    ['database', { isDatabaseSeen: false }],
    ['kafka', { isKafkaSeen: false }],
    ['topic-misconfigured', { topics: [topic(), topic({ topic: 'status', differences: [difference] })] }],
    ['rebuilding', { topics: [topic({ incarnation: 'two' })] }],
    ['rebuilding', { topics: [topic({ incarnation: 'one 3=500' })] }],
  ])('is not ready: %s', (reason, changes) => {
    expect(unreadyReasons(standing(changes))).toEqual([reason]);
  });

  it('says all that stands in the way', () => {
    const all = { isDatabaseSeen: false, isKafkaSeen: false, topics: [topic({ differences: [difference] })] };
    expect(unreadyReasons(standing(all))).toEqual(['database', 'kafka', 'topic-misconfigured']);
  });
});
