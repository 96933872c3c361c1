import { describe, expect, it } from '@jest/globals';
import type { ComponentStatus } from '@hybrid-sync/domain';
import { MemoryTopics } from './testing/memory-topics.js';
import { revocation, SimulatedChain } from './testing/simulated-chain.js';
import { openSimulated, topics, type SimulatedIngester } from './testing/simulated-ingester.js';
import { plainClaims } from '../../domain/src/testing/arbitraries.js';

/** Blocks 0..100 with a revocation in each; those up to block 60 are final. */
async function opened(
  component: 'ingest-realtime' | 'ingest-batch' = 'ingest-realtime',
  log = new MemoryTopics(),
): Promise<{ readonly chain: SimulatedChain; readonly log: MemoryTopics; readonly ingester: SimulatedIngester }> {
  const chain = new SimulatedChain(40);
  for (let block = 1; block <= 100; block += 1) chain.mine([revocation(block)]);
  return { chain, log, ingester: await openSimulated(component, { chain, topics: log }) };
}

function statusOf(
  { component, deployment }: SimulatedIngester,
  settledTo: number,
  chain: SimulatedChain,
): ComponentStatus {
  const { head, finalized } = chain;
  const covered = { coveredFrom: 0, coveredTo: 100, coveredToHash: head.hash, coveredToTimestamp: head.timestamp };
  const coverage = { ...covered, settledTo, offsets: new Map() };
  return { component, deployment, head, finalized, syncing: false, coverage, finalityViolation: null, ...plainClaims };
}

const origin = { source: 'batch', finality: 'included' } as const;

describe('the window', () => {
  it('holds what is live above the finalized block, whoever wrote it', async () => {
    const { chain, log, ingester } = await opened();
    const other = await openSimulated('ingest-batch', { chain, topics: log });
    await other.writer.reconciled({ publish: chain.logsFrom(0), retract: [] }, origin);
    expect(ingester.view.window.size).toBe(0);
    await ingester.view.caughtUp();
    expect(ingester.view.window.size).toBe(40);
  });

  it('is recovered from the topic above what the component has settled', async () => {
    const { chain, log, ingester } = await opened();
    await ingester.writer.reconciled({ publish: chain.logsFrom(0), retract: [] }, origin);
    await ingester.reporter.say(statusOf(ingester, 30, chain));
    expect((await opened('ingest-realtime', log)).ingester.view.window.size).toBe(70);
    expect((await opened('ingest-batch', log)).ingester.view.window.size).toBe(40);
  });

  it('is pruned as the component settles blocks, and by nobody else', async () => {
    const { chain, log, ingester } = await opened();
    const other = await openSimulated('ingest-batch', { chain, topics: log });
    await ingester.writer.reconciled({ publish: chain.logsFrom(0), retract: [] }, origin);
    await other.reporter.say(statusOf(other, 90, chain));
    await ingester.view.caughtUp();
    expect(ingester.view.window.size).toBe(40);
    await ingester.reporter.say(statusOf(ingester, 80, chain));
    await ingester.view.caughtUp();
    expect(ingester.view.window.size).toBe(20);
  });

  it('never reaches below what was settled once', async () => {
    const { chain, ingester } = await opened();
    await ingester.reporter.say(statusOf(ingester, 80, chain));
    await ingester.view.caughtUp();
    await ingester.reporter.say(statusOf(ingester, 10, chain));
    await ingester.view.caughtUp();
    await ingester.writer.reconciled({ publish: chain.logsFrom(0), retract: [] }, origin);
    await ingester.view.caughtUp();
    expect(ingester.view.window.size).toBe(20);
  });

  it('loses what is retracted, tombstoned or overwritten by what is not ours', async () => {
    const { chain, log, ingester } = await opened();
    const [retracted, tombstoned, overwritten] = chain.logsFrom(98);
    if (retracted === undefined) throw new Error('there are logs');
    await ingester.writer.reconciled({ publish: chain.logsFrom(98), retract: [] }, origin);
    await ingester.writer.reconciled({ publish: [], retract: [{ ...retracted, reason: 'reorg' }] }, origin);
    const keys = [...log.latest(topics.revocations).keys()];
    const keyOf = (hash = ''): string => keys.find((key) => key.includes(hash)) ?? '';
    await log.publish(topics.revocations, [{ key: keyOf(tombstoned?.signatureHash), value: 'not JSON' }]);
    await log.publish(topics.revocations, [{ key: keyOf(overwritten?.signatureHash), value: '{}' }]);
    await ingester.view.caughtUp();
    expect(ingester.view.window.size).toBe(0);
  });
});

describe('the view', () => {
  it('counts every record that it reads', async () => {
    const { chain, ingester } = await opened();
    const before = ingester.view.revision;
    await ingester.writer.reconciled({ publish: chain.logsFrom(96), retract: [] }, origin);
    expect(ingester.view.revision).toBe(before);
    await ingester.view.reached(ingester.writer.acknowledged);
    expect(ingester.view.revision).toBe(before + 5);
  });

  it('covers what was read or acknowledged, whichever is further', async () => {
    const { chain, log, ingester } = await opened();
    const other = await openSimulated('ingest-batch', { chain, topics: log });
    await other.writer.reconciled({ publish: chain.logsFrom(50), retract: [] }, origin);
    await ingester.view.caughtUp();
    const read = ingester.view.covered(new Map());
    expect(read).toEqual(ingester.view.covered(other.writer.acknowledged));
    await other.writer.reconciled({ publish: chain.logsFrom(50), retract: [] }, origin);
    expect(ingester.view.covered(new Map())).toEqual(read);
    expect(ingester.view.covered(other.writer.acknowledged)).toEqual(other.writer.acknowledged);
  });

  it('knows the last word of each component, and takes no notice of what is malformed', async () => {
    const { chain, log, ingester } = await opened();
    expect(ingester.view.component('ingest-batch')).toBeNull();
    const status = statusOf(ingester, 10, chain);
    await ingester.reporter.say(status);
    await log.publish(topics.status, [{ key: 'ingest-realtime', value: '{"kind":"component"}' }]);
    await ingester.view.caughtUp();
    expect(ingester.view.component('ingest-realtime')).toMatchObject({ coverage: { settledTo: 10 } });
    expect(ingester.view.backfill('nobody')).toBeNull();
  });
});
