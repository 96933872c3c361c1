import { describe, expect, it } from '@jest/globals';
import type { ComponentStatus } from './sync-status.js';
import { hashOf, identity, plainClaims } from './testing/arbitraries.js';
import { isSameIncarnation, statusOnTopic } from './topic-incarnation.js';

describe('an incarnation of a topic', () => {
  it.each([
    ['id', 'id', true],
    ['id', 'other', false],
    ['id', 'id 3=500', false],
    [null, 'id', true],
    ['id', null, true],
    [undefined, 'id', true],
    [null, null, true],
  ])('that is %p and one that is %p are taken for the same: %p', (one, other, isSame) => {
    expect(isSameIncarnation(one, other)).toBe(isSame);
  });
});

describe('a status that speaks of an incarnation of the topic', () => {
  const block = { number: 200, hash: hashOf(200), timestamp: 1_700_000_000 };
  const offsets = new Map([[0, 12]]);
  const status: ComponentStatus = {
    component: 'ingest-batch',
    deployment: { ...identity, startBlock: 100, startBlockHash: hashOf(100) },
    head: block,
    finalized: block,
    syncing: false,
    coverage: {
      coveredFrom: 100,
      coveredTo: 200,
      coveredToHash: hashOf(200),
      coveredToTimestamp: 1_700_000_000,
      settledTo: 200,
      offsets,
    },
    finalityViolation: { blockNumber: 90, expectedHash: hashOf(90), actualHash: hashOf(91) },
    ...plainClaims,
    windowOffsets: offsets,
    topicIncarnation: 'id',
  };

  it('stands for that one, and where nobody knows', () => {
    expect(statusOnTopic(status, 'id')).toEqual(status);
    expect(statusOnTopic(status, null)).toEqual(status);
    expect(statusOnTopic({ ...status, topicIncarnation: null }, 'other')).toMatchObject({ coverage: status.coverage });
  });

  it('has covered nothing of another one; what it says of the chain stays said', () => {
    const { head, finalized, finalityViolation } = status;
    expect(statusOnTopic(status, 'other')).toMatchObject({
      coverage: null,
      windowOffsets: new Map(),
      head,
      finalized,
      finalityViolation,
    });
  });
});
