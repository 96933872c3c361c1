import { describe, expect, it } from '@jest/globals';
import { encodeRetracted, encodeRevoked, reconcile, revocationKey, type ScannedRange } from '@hybrid-sync/domain';
import { hashOf, identity, revocationLog } from '../../domain/src/testing/arbitraries.js';
import type { Confirmation } from './verdict.js';
import { MemoryTopics } from './testing/memory-topics.js';
import { revocation, SimulatedChain } from './testing/simulated-chain.js';
import { linesOf, liveOn, openSimulated, topics, type SimulatedIngester } from './testing/simulated-ingester.js';

interface Scene {
  readonly chain: SimulatedChain;
  readonly log: MemoryTopics;
  readonly ingester: SimulatedIngester;
}

/** Blocks 1..50 with one revocation each, all on the topic; those up to block 10 are final. */
async function scene(): Promise<Scene> {
  const chain = new SimulatedChain(40);
  const log = new MemoryTopics();
  for (let block = 1; block <= 50; block += 1) chain.mine([revocation(block)]);
  const ingester = await openSimulated('ingest-realtime', { chain, topics: log });
  await ingester.writer.reconciled({ publish: chain.logsFrom(11), retract: [] }, origin);
  await ingester.writer.reconciled({ publish: chain.logsFrom(0).slice(0, 10), retract: [] }, finalOrigin);
  await ingester.view.caughtUp();
  chain.requests.splice(0);
  return { chain, log, ingester };
}

const origin = { source: 'realtime', finality: 'included' } as const;
const finalOrigin = { source: 'batch', finality: 'finalized' } as const;

/** What the chain says of the blocks from 11 up, but for the logs of these. */
function scanned(chain: SimulatedChain, lacking: readonly number[] = []): ScannedRange {
  const numbers = Array.from({ length: chain.head.number - 10 }, (_, index) => index + 11);
  return {
    range: { fromBlock: 11, toBlock: 60 },
    blockHashes: new Map(numbers.map((number) => [number, chain.at(number).hash])),
    logs: chain.logsFrom(11).filter(({ blockNumber }) => !lacking.includes(blockNumber)),
  };
}

async function corrected({ chain, log, ingester }: Scene): Promise<void> {
  const found = await ingester.reconciler.reconciled(scanned(chain), chain.head);
  if (found.kind === 'doubtful') throw new Error('nothing is in doubt');
  await ingester.writer.reconciled(found, finalOrigin);
  await ingester.view.caughtUp();
  expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(0)));
}

async function stale(
  { log, ingester }: Scene,
  record: { readonly key: string; readonly value: string },
): Promise<void> {
  await log.publish(topics.revocations, [record]);
  await ingester.view.caughtUp();
}

const nothing: Confirmation = { kind: 'confirmed', publish: [], retract: [] };

describe('a record of the window below the blocks that were scanned', () => {
  const range = { fromBlock: 31, toBlock: 60 };

  it('is held against the contract, because the scan does not see it', async () => {
    const all = await scene();
    const log = revocationLog({ ...revocation(99), blockNumber: 20, blockHash: hashOf(0xbad) });
    await stale(all, { key: revocationKey(log), value: encodeRevoked(log, identity) });
    const above = { ...scanned(all.chain), range, logs: all.chain.logsFrom(31) };
    const found = await all.ingester.reconciler.reconciled(above, all.chain.head);
    expect(found).toMatchObject({ publish: [], retract: [{ blockNumber: 20, blockHash: hashOf(0xbad) }] });
  });

  it('is believed where it was final for whoever wrote it', async () => {
    const { chain, ingester } = await scene();
    await ingester.writer.reconciled({ publish: chain.logsFrom(11).slice(0, 20), retract: [] }, finalOrigin);
    await ingester.view.caughtUp();
    const above = { ...scanned(chain), range, logs: chain.logsFrom(31) };
    expect(await ingester.reconciler.reconciled(above, chain.head)).toEqual(nothing);
    expect(chain.requests).not.toContain('isRevoked');
  });
});

describe('a retraction', () => {
  it('is made when the contract says that the signature is not revoked', async () => {
    const { chain, ingester } = await scene();
    const orphaned = chain.cut(2);
    chain.mine();
    const found = await ingester.reconciler.reconciled(scanned(chain), chain.head);
    expect(found).toMatchObject({ kind: 'confirmed', publish: [] });
    expect(found.kind === 'confirmed' && found.retract.map(revocationKey)).toEqual(orphaned.map(revocationKey));
  });

  it('is not made when the contract says that it is: a log that an answer lacks stays on the topic', async () => {
    const { chain, ingester } = await scene();
    const lacking = scanned(chain, [20, 30]);
    expect(reconcile(lacking, ingester.view.window).retract).toHaveLength(2);
    expect(await ingester.reconciler.reconciled(lacking, chain.head)).toEqual(nothing);
  });

  it('gives way to the log where it is now, in blocks that were not scanned', async () => {
    const { chain, log, ingester } = await scene();
    const settled = chain.at(5).logs[0];
    if (settled === undefined) throw new Error('there is a log');
    // A stale record puts a final revocation into a block above.
    await ingester.writer.reconciled(
      { publish: [{ ...settled, blockNumber: 12, blockHash: hashOf(99) }], retract: [] },
      origin,
    );
    await ingester.view.caughtUp();
    await corrected({ chain, log, ingester });
  });

  it.each(['the log is not found', 'the log is in another block than was scanned'])(
    'is in doubt when %s',
    async (why) => {
      const { chain, ingester } = await scene();
      const elsewhere = chain.at(21);
      chain.findRevocation = (asked) => {
        const log = chain.at(20).logs.find((one) => revocationKey(one) === revocationKey(asked));
        const moved = log === undefined ? null : { ...log, blockNumber: 21, blockHash: chain.at(20).hash };
        return Promise.resolve(why === 'the log is not found' || elsewhere.hash === moved?.blockHash ? null : moved);
      };
      const found = await ingester.reconciler.reconciled(scanned(chain, [20]), chain.head);
      expect(found).toMatchObject({ kind: 'doubtful', revocations: [revocation(20)] });
    },
  );

  it('costs a question for itself and none for what is on the chain', async () => {
    const { chain, ingester } = await scene();
    await ingester.reconciler.reconciled(scanned(chain), chain.head);
    expect(chain.requests).toEqual([]);
    chain.cut(3);
    await ingester.reconciler.reconciled(scanned(chain), chain.head);
    expect(chain.requests).toEqual(['isRevoked', 'isRevoked', 'isRevoked']);
  });
});

describe('a record of others that reconcile does not look at', () => {
  it.each([
    ['a retraction of a final log', (value: string): string => value],
    ['what is not a record', (): string => 'not JSON'],
  ])('is corrected once: %s', async (_, valueOf) => {
    const all = await scene();
    const log = all.chain.at(5).logs[0];
    if (log === undefined) throw new Error('there is a log');
    const value = valueOf(encodeRetracted({ ...log, reason: 'reorg' }, identity));
    await stale(all, { key: revocationKey(log), value });
    expect(all.ingester.view.suspects).toHaveLength(1);
    await corrected(all);
    expect(all.ingester.view.suspects).toEqual([]);
  });

  it('is corrected when it says that a final log stands elsewhere, or that one stands that does not', async () => {
    const all = await scene();
    const [moved, gone] = all.log.records(topics.revocations).slice(0, 2);
    for (const [record, number] of [[moved, 3] as const, [gone, 4] as const]) {
      const value = String(record?.value).replace(/"blockNumber":\d+/, `"blockNumber":${number}`);
      await stale(all, { key: String(record?.key), value });
    }
    all.chain.cut(39);
    expect(all.ingester.view.suspects).toHaveLength(2);
    await corrected(all);
    await corrected(all);
    expect(all.ingester.view.suspects).toEqual([]);
  });

  it('is asked about once when it is right', async () => {
    const { chain, ingester } = await scene();
    const [orphaned] = chain.cut(1);
    if (orphaned === undefined) throw new Error('there was a log');
    await ingester.writer.reconciled({ publish: [], retract: [{ ...orphaned, reason: 'reorg' }] }, origin);
    await ingester.view.caughtUp();
    expect(await ingester.reconciler.reconciled(scanned(chain), chain.head)).toEqual(nothing);
    expect(await ingester.reconciler.reconciled(scanned(chain), chain.head)).toEqual(nothing);
    expect(chain.requests).toEqual(['isRevoked']);
  });

  it('is not lost to the next process before it is corrected', async () => {
    const all = await scene();
    const [log] = all.chain.at(5).logs;
    if (log === undefined) throw new Error('there is a log');
    await corrected(all);
    await stale(all, { key: revocationKey(log), value: '{}' });
    const { chain, log: kept } = all;
    const { head, finalized } = chain;
    await all.ingester.reporter.say({
      component: 'ingest-realtime',
      deployment: all.ingester.deployment,
      head,
      finalized,
      syncing: false,
      coverage: {
        coveredFrom: 0,
        coveredTo: 50,
        coveredToHash: head.hash,
        coveredToTimestamp: 0,
        settledTo: 50,
        offsets: new Map(),
      },
      finalityViolation: null,
      proof: 'none',
      audit: null,
      missing: null,
    });
    const again = await openSimulated('ingest-realtime', { chain, topics: kept });
    expect(kept.readBy(topics.revocations)).toBeLessThan(10);
    await corrected({ chain, log: kept, ingester: again });
  });
});

describe('the records of a topic that nobody has checked yet', () => {
  it('are not all asked about, however often the process starts before its first step', async () => {
    const { chain, log } = await scene();
    const { head, finalized } = chain;
    const covered = { coveredFrom: 0, coveredTo: 50, coveredToHash: head.hash, coveredToTimestamp: 0 };
    for (const life of [1, 2]) {
      const { reporter, view, deployment } = await openSimulated('ingest-realtime', { chain, topics: log });
      expect([life, view.suspects]).toEqual([life, []]);
      const coverage = { ...covered, settledTo: 20, offsets: new Map() };
      const plain = { finalityViolation: null, proof: 'none', audit: null, missing: null } as const;
      const component = 'ingest-realtime';
      await reporter.say({ component, deployment, head, finalized, syncing: false, coverage, ...plain });
    }
  });
});

describe('what was found by other means', () => {
  it('is confirmed in the same way', async () => {
    const { chain, ingester } = await scene();
    const [standing] = chain.logsFrom(20);
    const [orphaned] = chain.cut(1);
    if (standing === undefined || orphaned === undefined) throw new Error('there are logs');
    const retract = [standing, orphaned].map((log) => ({ ...log, reason: 'not-canonical' as const }));
    const found = await ingester.reconciler.confirmed({ publish: [], retract }, chain.head);
    expect(found.kind === 'confirmed' && found.retract.map(revocationKey)).toEqual([revocationKey(orphaned)]);
  });
});
