import { describe, expect, it } from '@jest/globals';
import { lagRecords, lagSeconds, type PartitionStanding } from './partition-lag.js';

const standing = (changes: Partial<PartitionStanding>): PartitionStanding => ({
  appliedOffset: 10,
  endOffset: 15,
  recordWrittenAt: 1_000_000,
  atEndAt: 500,
  ...changes,
});
const now = { epoch: 1_090_000, monotonic: 60_500 };

describe('the lag of a partition', () => {
  it('is the number of offsets up to its end, and never below 0', () => {
    expect(lagRecords(standing({}))).toBe(5);
    expect(lagRecords(standing({ endOffset: 10 }))).toBe(0);
    expect(lagRecords(standing({ endOffset: 8 }))).toBe(0);
    expect(lagRecords(standing({ endOffset: null }))).toBe(0);
  });

  it('in seconds is 0 at the end, however long nothing has come', () => {
    expect(lagSeconds(standing({ endOffset: 10 }), now)).toBe(0);
  });

  it('in seconds counts from the last applied record, or from when there was nothing to apply', () => {
    expect(lagSeconds(standing({ atEndAt: -100_000 }), now)).toBe(90);
    expect(lagSeconds(standing({}), now)).toBe(60);
    expect(lagSeconds(standing({ recordWrittenAt: null }), now)).toBe(60);
    expect(lagSeconds(standing({ recordWrittenAt: 2_000_000 }), now)).toBe(0);
  });
});
