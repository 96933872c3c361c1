import { describe, expect, it } from '@jest/globals';
import { encodeRetracted, encodeRevoked, reconcile, revocationKey, type RevocationLog } from '@hybrid-sync/domain';
import fc from 'fast-check';
import { hashOf, identity, lockIdOf, revocationLog } from '../../domain/src/testing/arbitraries.js';
import { MemoryTopics } from './testing/memory-topics.js';
import { topics } from './testing/simulated-ingester.js';
import { foldRange, type RangeFold } from './topic-fold.js';

interface Written {
  readonly signature: number;
  readonly block: number;
  readonly kind: 'revoked' | 'retracted' | 'garbage';
}

/** Few signatures, so that most records are about a key that was there before. */
const anyWritten: fc.Arbitrary<Written> = fc.record({
  signature: fc.nat({ max: 12 }),
  block: fc.nat({ max: 40 }),
  kind: fc.constantFrom('revoked', 'revoked', 'retracted', 'garbage'),
});

const logOf = ({ signature, block }: Pick<Written, 'signature' | 'block'>): RevocationLog =>
  revocationLog({ lockId: lockIdOf(signature % 3), signatureHash: hashOf(signature), blockNumber: block });

async function write(log: MemoryTopics, records: readonly Written[]): Promise<void> {
  for (const one of records) {
    const revoked = logOf(one);
    const values = {
      revoked: () => encodeRevoked(revoked, identity),
      retracted: () => encodeRetracted({ ...revoked, reason: 'reorg' }, identity),
      garbage: () => '{}',
    };
    await log.publish(topics.revocations, [{ key: revocationKey(revoked), value: values[one.kind]() }]);
  }
}

const range = { fromBlock: 10, toBlock: 30 };
const silent = (): void => undefined;

function folded(log: MemoryTopics): Promise<RangeFold> {
  return foldRange(range, { topics, identity, openReader: log.openReader, progressed: silent });
}

/** Of the last record of each key alone. */
function liveOf(records: readonly Written[]): ReadonlyMap<string, RevocationLog> {
  const last = new Map(records.map((one) => [one.signature, one]));
  const live = [...last.values()].filter(({ kind }) => kind === 'revoked').map(logOf);
  return new Map(live.map((log) => [revocationKey(log), log]));
}

describe('what the topic holds of a range', () => {
  it('is retracted where the chain does not have it, exactly as if every live record had been kept', async () => {
    const anyBlock = fc.nat({ max: 20 }).map((n) => n + 10);
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyWritten, { maxLength: 60 }),
        fc.tuple(anyBlock, anyBlock),
        fc.uniqueArray(fc.nat({ max: 12 })),
        async (records, blocks, onChain) => {
          const log = new MemoryTopics();
          await write(log, records);
          const part = { fromBlock: Math.min(...blocks), toBlock: Math.max(...blocks) };
          const logs = onChain.map((signature) => logOf({ signature, block: part.fromBlock }));
          const scanned = { range: part, blockHashes: new Map(), logs };
          const live = await (await folded(log)).besides(scanned);
          const retracted = reconcile(scanned, live).retract.map(revocationKey);
          const expected = reconcile(scanned, liveOf(records)).retract.map(revocationKey);
          expect(retracted.toSorted()).toEqual(expected.toSorted());
          expect(log.openReaders).toBe(0);
        },
      ),
    );
  });

  it('is read once where the chain has all of it, and from the record in doubt on where it does not', async () => {
    const log = new MemoryTopics(1);
    const written = Array.from({ length: 20 }, (_, n) => ({ signature: n, block: 10 + n, kind: 'revoked' as const }));
    await write(log, written);
    const fold = await folded(log);
    const logs = written.map(logOf);
    expect(await fold.besides({ range, logs })).toEqual(new Map());
    expect(log.readBy(topics.revocations)).toBe(20);
    const besides = await fold.besides({ range, logs: logs.slice(0, -1) });
    expect([...besides.values()]).toMatchObject([{ blockNumber: 29, signatureHash: hashOf(19) }]);
    expect(log.readBy(topics.revocations)).toBe(1);
  });

  it('is left alone where it was written again since', async () => {
    const log = new MemoryTopics();
    await write(log, [{ signature: 1, block: 12, kind: 'revoked' }]);
    const fold = await folded(log);
    await write(log, [{ signature: 1, block: 35, kind: 'revoked' }]);
    const scanned = { range, blockHashes: new Map(), logs: [] };
    expect(reconcile(scanned, await fold.besides(scanned)).retract).toEqual([]);
  });
});
