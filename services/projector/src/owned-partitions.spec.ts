import { describe, expect, it } from '@jest/globals';
import { OwnedPartitions } from './owned-partitions.js';

const topic = 'revocations';

describe('the partitions that are owned', () => {
  it('know how far they are, and which of them stand at their end', () => {
    let now = 100;
    const owned = new OwnedPartitions(() => now);
    owned.taken([0, 1].map((partition) => ({ topic, partition, nextOffset: 5 })));
    owned.applied({ topic, partition: 0 }, 9, 1_000);
    now = 200;
    const ends = new Map([
      [0, 9],
      [1, 6],
      [2, 1],
    ]);
    expect(owned.looked(topic, ends)).toEqual([0]);
    expect(owned.all()).toEqual([
      { topic, partition: 0, appliedOffset: 9, endOffset: 9, recordWrittenAt: 1_000, atEndAt: 200 },
      { topic, partition: 1, appliedOffset: 5, endOffset: 6, recordWrittenAt: null, atEndAt: 100 },
    ]);
  });

  it('keep what is known of a partition that is placed again', () => {
    const owned = new OwnedPartitions(() => 1);
    owned.taken([{ topic, partition: 0, nextOffset: 5 }]);
    owned.applied({ topic, partition: 0 }, 9, 1_000);
    owned.taken([{ topic, partition: 0, nextOffset: 7 }]);
    expect(owned.all()).toMatchObject([{ appliedOffset: 7, recordWrittenAt: 1_000 }]);
  });

  it('are nobody of whom anything is said once they are lost', () => {
    const owned = new OwnedPartitions(() => 1);
    owned.taken([{ topic, partition: 0, nextOffset: 5 }]);
    owned.lost();
    owned.applied({ topic, partition: 0 }, 9, null);
    expect(owned.looked(topic, new Map([[0, 9]]))).toEqual([]);
    expect(owned.all()).toEqual([]);
  });
});
