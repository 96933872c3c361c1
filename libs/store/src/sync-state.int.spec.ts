import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { offsetsReached, type Component, type Coverage, type OffsetVector } from '@hybrid-sync/domain';
import fc from 'fast-check';
import { hashOf, lockIdOf } from '../../domain/src/testing/arbitraries.js';
import {
  advanceOffset,
  insertCoverageClaim,
  insertRetractions,
  isRefusedValue,
  pruneCoverageClaims,
  readAppliedOffsets,
  readSyncState,
  upsertComponentStatus,
} from './index.js';
import { coverageOf, originOf, rowOf, statusOf } from './testing/facts.js';
import { testStore, type TestStore } from './testing/test-store.js';

const topic = 'revocations';
const farFuture = Date.UTC(2100, 0, 1) / 1000;

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());
beforeEach(() => store.rows('truncate component_status, coverage_claims, applied_offsets, retractions'));

const secondsAgo = (seconds: number): number => Date.now() - seconds * 1000;

/** As the projector does with each status. */
async function say(
  offset: number,
  coverage: Coverage | null,
  { at = Date.now(), component = 'ingest-realtime' }: { at?: number; component?: Component } = {},
): Promise<void> {
  const origin = originOf(offset, at, topic);
  await upsertComponentStatus(store.database, statusOf({ component, coverage }), origin);
  if (coverage !== null) await insertCoverageClaim(store.database, component, coverage, origin);
  await pruneCoverageClaims(store.database);
}

const apply = (partition: number, fromOffset: number, nextOffset: number): Promise<string> =>
  advanceOffset(store.database, { generation: 1, topic, partition, fromOffset, nextOffset });
const covered = async (): Promise<number | null> =>
  (await readSyncState(store.database)).realtime?.coverage?.coveredTo ?? null;
const age = async (): Promise<number> => (await readSyncState(store.database)).realtime?.coverage?.ageSeconds ?? NaN;

/** A retraction record at the offset; null for a tombstone, which names no block. */
function retractAt(blockNumber: number | null, offset: number): Promise<void> {
  const { record } = rowOf(7, offset, { block: blockNumber ?? 0 });
  const { lockId, signatureHash } = record;
  const log = blockNumber === null ? null : record;
  return insertRetractions(store.database, '', [{ partition: 0, offset, lockId, signatureHash, reason: 'reorg', log }]);
}

describe('the state of a component', () => {
  it('is nothing before it has said anything', async () => {
    expect(await readSyncState(store.database)).toEqual({ realtime: null, batch: null });
  });

  it('is its last word, with ages by the clock of the database', async () => {
    await say(0, null, { at: secondsAgo(30) });
    const { realtime } = await readSyncState(store.database);
    expect(realtime).toMatchObject({ startBlock: 3, headBlock: 9, finalizedBlock: 5, syncing: false, coverage: null });
    expect(realtime?.heartbeatAgeSeconds).toBeGreaterThanOrEqual(30);
    expect(realtime?.heartbeatAgeSeconds).toBeLessThan(40);
  });

  it('never has a heartbeat in the future', async () => {
    await say(0, null, { at: farFuture * 1000 });
    expect((await readSyncState(store.database)).realtime?.heartbeatAgeSeconds).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['none', null],
    ['one that is to come', 'pending' as const],
    ['a clean one', { blockNumber: 5, locks: 2, mismatched: 0, mismatches: [], finding: null }],
    [
      'one with a lock that no number can hold',
      {
        blockNumber: 5,
        locks: 1,
        mismatched: 1,
        mismatches: [{ lockId: lockIdOf(2n ** 256n - 1n), onContract: 3, onTopic: 1 }],
        finding: 'the endpoints leave out logs',
      },
    ],
  ])('tells of the last audit: %s', async (_, audit) => {
    const batch = statusOf({ component: 'ingest-batch', audit });
    await upsertComponentStatus(store.database, statusOf({ component: 'ingest-batch' }), originOf(0, secondsAgo(1)));
    await upsertComponentStatus(store.database, batch, originOf(1, secondsAgo(1)));
    expect((await readSyncState(store.database)).batch?.audit).toEqual(audit);
  });

  it('tells the end of its last pass, until the next one ends', async () => {
    const passes = async (offset: number, syncing: boolean): Promise<number | undefined> => {
      const status = statusOf({ component: 'ingest-batch', syncing });
      await upsertComponentStatus(store.database, status, originOf(offset, 1_700_000_000_000 + offset));
      return (await readSyncState(store.database)).batch?.syncedAt?.getTime();
    };
    expect(await passes(1, true)).toBeUndefined();
    expect(await passes(2, false)).toBe(1_700_000_000_002);
    expect(await passes(3, false)).toBe(1_700_000_000_002);
    expect(await passes(4, true)).toBe(1_700_000_000_002);
    expect(await passes(5, false)).toBe(1_700_000_000_005);
  });

  it('tells that a final block was orphaned, until that is taken back', async () => {
    const finalityViolation = { blockNumber: 5, expectedHash: hashOf(1), actualHash: hashOf(2) };
    await upsertComponentStatus(store.database, statusOf({ finalityViolation }), originOf(0, 0));
    expect((await readSyncState(store.database)).realtime?.finalityViolation).toBe(true);
    await upsertComponentStatus(store.database, statusOf(), originOf(1, 0));
    expect((await readSyncState(store.database)).realtime?.finalityViolation).toBe(false);
  });
});

describe('a claim of coverage', () => {
  it('counts once the records that it relies on have been applied in every partition', async () => {
    await say(
      0,
      coverageOf(100, {
        offsets: new Map([
          [0, 5],
          [2, 3],
        ]),
      }),
    );
    expect(await covered()).toBeNull();
    await apply(0, 0, 5);
    expect(await covered()).toBeNull();
    await apply(2, 0, 2);
    expect(await covered()).toBeNull();
    await apply(2, 2, 3);
    expect(await covered()).toBe(100);
  });

  it('is contradicted by a retraction of its blocks that it did not know of, until a newer one knows of it', async () => {
    const contradicted = async (): Promise<boolean | undefined> =>
      (await readSyncState(store.database)).realtime?.coverage?.contradicted;
    await say(0, coverageOf(100, { offsets: new Map([[0, 5]]) }));
    await apply(0, 0, 9);
    expect(await contradicted()).toBe(false);
    await retractAt(101, 6);
    await retractAt(90, 4);
    expect(await contradicted()).toBe(false);
    await retractAt(100, 7);
    expect(await contradicted()).toBe(true);
    await say(1, coverageOf(100, { offsets: new Map([[0, 8]]) }));
    expect(await contradicted()).toBe(false);
    await retractAt(null, 8);
    expect(await contradicted()).toBe(true);
  });

  it('leaves the one before in force while its own records are on their way', async () => {
    await say(0, coverageOf(100));
    await say(1, coverageOf(101, { offsets: new Map([[0, 1]]) }));
    await say(2, coverageOf(102, { offsets: new Map([[0, 2]]) }));
    expect(await covered()).toBe(100);
    await apply(0, 0, 1);
    expect(await covered()).toBe(101);
    await apply(0, 1, 2);
    expect(await covered()).toBe(102);
  });

  it('is replaced by a newer one that says less: after a reorg to a shorter branch', async () => {
    await say(0, coverageOf(100));
    await say(1, coverageOf(98));
    expect(await covered()).toBe(98);
  });

  it('is dropped once a newer one counts, and kept while none does', async () => {
    for (let block = 1; block <= 5; block++) await say(block, coverageOf(block));
    await say(6, coverageOf(6, { offsets: new Map([[0, 1]]) }));
    expect(await store.rows('select covered_to from coverage_claims order by 1')).toEqual([
      { covered_to: '5' },
      { covered_to: '6' },
    ]);
  });

  it('is stored once while it says the same, and keeps the time when the block was first heard of', async () => {
    await say(0, coverageOf(100, { coveredToTimestamp: farFuture }), { at: secondsAgo(60) });
    await say(1, coverageOf(100, { coveredToTimestamp: farFuture }));
    expect(await store.rows('select status_offset from coverage_claims')).toEqual([{ status_offset: '0' }]);
    await say(2, coverageOf(100, { coveredToTimestamp: farFuture, settledTo: 7 }));
    expect(await age()).toBeGreaterThanOrEqual(60);
  });

  it('is as old as its block, or as the news of it where the block is of the future', async () => {
    await say(0, coverageOf(100, { coveredToTimestamp: Math.floor(secondsAgo(500) / 1000) }), { at: secondsAgo(20) });
    expect(await age()).toBeGreaterThanOrEqual(500);
    await say(1, coverageOf(101, { coveredToTimestamp: farFuture }), { at: secondsAgo(20) });
    expect(await age()).toBeGreaterThanOrEqual(20);
    expect(await age()).toBeLessThan(30);
    await say(2, coverageOf(102, { coveredToTimestamp: farFuture }), { at: farFuture * 1000 });
    expect(await age()).toBeGreaterThanOrEqual(0);
  });

  it('of one component says nothing of the other', async () => {
    await say(0, coverageOf(100), { component: 'ingest-batch' });
    await say(1, coverageOf(200), { component: 'ingest-realtime' });
    const { realtime, batch } = await readSyncState(store.database);
    expect([realtime?.coverage?.coveredTo, batch?.coverage?.coveredTo]).toEqual([200, 100]);
  });

  it('is refused as a value where no partition can be meant', async () => {
    const forged = say(0, coverageOf(100, { offsets: new Map([[99_999_999_999, 1]]) }));
    expect(isRefusedValue(await forged.catch((error: unknown) => error))).toBe(true);
    expect(isRefusedValue(new Error('connection lost'))).toBe(false);
  });
});

/** What happens to the tables, in any order: a partition is applied further, or a status is read. */
const anyOffsets: fc.Arbitrary<OffsetVector> = fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })).map(
  ([zero, one]) =>
    new Map([
      [0, zero],
      [1, one],
    ]),
);
const anyEvent = fc.oneof(
  fc.record({ partition: fc.nat({ max: 1 }), by: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ coveredTo: fc.nat({ max: 9 }), offsets: anyOffsets }),
);

describe('coverage', () => {
  it('is never claimed of a block whose records are not applied, whatever comes first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 14 }), async (events) => {
        await store.rows('truncate component_status, coverage_claims, applied_offsets, retractions');
        const applied = new Map<number, number>();
        const claims: { coveredTo: number; offsets: OffsetVector }[] = [];
        for (const event of events) {
          if ('partition' in event) {
            const from = applied.get(event.partition) ?? 0;
            applied.set(event.partition, from + event.by);
            await apply(event.partition, from, from + event.by);
          } else {
            await say(claims.length, coverageOf(event.coveredTo, { offsets: event.offsets }));
            claims.push(event);
          }
          expect(await readAppliedOffsets(store.database, { generation: 1, topic })).toEqual(applied);
          // The newest claim that is reached; an older one may have been dropped only if it was overtaken.
          const expected = claims.findLast(({ offsets }) => offsetsReached(applied, offsets))?.coveredTo ?? null;
          expect(await covered()).toBe(expected);
        }
      }),
      { numRuns: 60 },
    );
  }, 20_000);
});
