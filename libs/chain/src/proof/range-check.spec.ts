import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashOf } from '../../../domain/src/testing/arbitraries.js';
import { differingBlocks, unionOf } from './range-check.js';
import { contract, logIn } from '../testing/wire-shapes.js';
import type { StampedLog } from '../reading/wire.js';

const anyLogs = fc
  .uniqueArray(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 })), {
    minLength: 1,
    maxLength: 40,
    selector: ([block, index]) => `${block} ${index}`,
  })
  .map((places) => places.map(([block, index]) => rawLog(block, index)));

/** What no log of the test says. */
const otherHash = hashOf(2n ** 255n);

/** Every way in which one log may be told otherwise. */
const changes: readonly ((log: StampedLog) => StampedLog | null)[] = [
  () => null,
  (log) => ({ ...log, removed: true }),
  (log) => ({ ...log, blockHash: otherHash }),
  (log) => ({ ...log, logIndex: 99 }),
  (log) => ({ ...log, transactionHash: otherHash }),
  (log) => ({ ...log, transactionIndex: 99 }),
  (log) => ({ ...log, data: '0x00' }),
  (log) => ({ ...log, topics: log.topics.with(2, otherHash) }),
];

describe('two answers for a range', () => {
  it('do not differ because of their order, their spelling or the times they say', () => {
    fc.assert(
      fc.property(anyLogs, (logs) => {
        const other = logs.toReversed().map((log) => ({
          ...log,
          topics: log.topics.map((topic) => `0x${topic.slice(2).toUpperCase()}`),
          blockTimestamp: undefined,
        }));
        expect(differingBlocks(logs, other)).toEqual([]);
        expect(unionOf([...logs, ...other])).toHaveLength(logs.length);
      }),
    );
  });

  it('differ in the block of which one of them tells a log otherwise or not at all', () => {
    fc.assert(
      fc.property(anyLogs, fc.nat(), fc.constantFrom(...changes), (logs, at, change) => {
        const index = at % logs.length;
        const other = logs.flatMap((log, each) => (each === index ? (change(log) ?? []) : [log]));
        const block = logs[index]?.blockNumber;
        expect(differingBlocks(logs, other)).toEqual([block]);
        expect(differingBlocks(other, logs)).toEqual([block]);
        expect(unionOf([...logs, ...other]).length).toBeGreaterThanOrEqual(logs.length);
      }),
    );
  });
});

function rawLog(block: number, index: number): StampedLog {
  return { ...logIn(block, index), address: contract, removed: false };
}
