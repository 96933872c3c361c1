import { describe, expect, it } from '@jest/globals';
import { encodeRetracted, encodeRevoked, revocationKey, type LockId } from '@hybrid-sync/domain';
import fc from 'fast-check';
import { hashOf, identity, lockIdOf, revocationLog } from '../../domain/src/testing/arbitraries.js';
import { LockView } from './lock-view.js';
import { MemoryTopics } from './testing/memory-topics.js';
import { topics } from './testing/simulated-ingester.js';

interface Written {
  readonly lock: number;
  readonly signature: number;
  readonly block: number | 'retracted' | 'garbage';
}

/** Few locks and signatures, so that most records are about a key that was there before. */
const anyWritten: fc.Arbitrary<Written> = fc.record({
  lock: fc.nat({ max: 3 }),
  signature: fc.nat({ max: 5 }),
  block: fc.oneof(fc.nat({ max: 100 }), fc.constantFrom('retracted' as const, 'garbage' as const)),
});

async function written(records: readonly Written[]): Promise<MemoryTopics> {
  const log = new MemoryTopics();
  for (const { lock, signature, block } of records) {
    const blockNumber = typeof block === 'number' ? block : 1;
    const revoked = revocationLog({ lockId: lockIdOf(lock), signatureHash: hashOf(signature), blockNumber });
    const values = {
      retracted: () => encodeRetracted({ ...revoked, reason: 'reorg' }, identity),
      garbage: () => '{}',
      number: () => encodeRevoked(revoked, identity),
    };
    const value = values[typeof block === 'number' ? 'number' : block]();
    await log.publish(topics.revocations, [{ key: revocationKey(revoked), value }]);
  }
  return log;
}

/** The block of each live key, by the last record of the key alone. */
function liveBlocks(records: readonly Written[], lock: number): readonly number[] {
  const last = new Map(records.filter((one) => one.lock === lock).map(({ signature, block }) => [signature, block]));
  return [...last.values()].filter((block) => typeof block === 'number');
}

const viewOf = (log: MemoryTopics): LockView => new LockView({ topics, identity, openReader: log.openReader });
const silent = (): void => undefined;

describe('what the topic holds of locks', () => {
  it('is counted by the last record of each key, up to a block', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyWritten, { maxLength: 60 }), fc.nat({ max: 100 }), async (records, upTo) => {
        const counts = await viewOf(await written(records)).counts('all', upTo, silent);
        const locks = new Set(records.map(({ lock }) => lock));
        const expected = new Map<LockId, number>(
          [...locks].map((lock) => [lockIdOf(lock), liveBlocks(records, lock).filter((block) => block <= upTo).length]),
        );
        expect(counts).toEqual(expected);
      }),
    );
  });

  it('is counted for the locks that were asked for, known or not, and for no other', async () => {
    const log = await written([
      { lock: 1, signature: 1, block: 5 },
      { lock: 1, signature: 2, block: 50 },
      { lock: 2, signature: 1, block: 5 },
    ]);
    const counts = await viewOf(log).counts(new Set([lockIdOf(1), lockIdOf(9)]), 10, silent);
    expect(counts).toEqual(
      new Map([
        [1n, 1],
        [9n, 0],
      ]),
    );
    expect(log.openReaders).toBe(0);
  });

  it('is given record by record for some locks', async () => {
    const log = await written([
      { lock: 1, signature: 1, block: 5 },
      { lock: 1, signature: 1, block: 7 },
      { lock: 1, signature: 2, block: 5 },
      { lock: 1, signature: 2, block: 'retracted' },
      { lock: 2, signature: 1, block: 5 },
    ]);
    const live = await viewOf(log).records(new Set([lockIdOf(1)]), silent);
    expect([...live.values()]).toMatchObject([{ lockId: 1n, blockNumber: 7 }]);
  });

  it('is noted as touched by the tail that is read anyway, and by no fold', async () => {
    const log = await written([{ lock: 3, signature: 1, block: 5 }]);
    const view = viewOf(log);
    await view.counts('all', 10, silent);
    expect(view.touched.due(100)).toEqual(new Set());
    const tail = await view.noting(log.openReader)(topics.revocations, { apply: silent });
    await tail.caughtUp();
    expect(view.touched.due(100)).toEqual(new Set([3n]));
  });
});
