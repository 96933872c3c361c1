import { describe, expect, it } from '@jest/globals';
import type { Component, ComponentStatus } from '@hybrid-sync/domain';
import { plainClaims } from '../../domain/src/testing/arbitraries.js';
import { MemoryTopics } from './testing/memory-topics.js';
import { revocation, SimulatedChain } from './testing/simulated-chain.js';
import { openSimulated, saidBy, topics, type SimulatedIngester } from './testing/simulated-ingester.js';

interface Scene {
  readonly log: MemoryTopics;
  readonly open: (component: Component, incarnation?: string | null) => Promise<SimulatedIngester>;
  readonly say: (ingester: SimulatedIngester) => Promise<void>;
}

const origin = { source: 'batch', finality: 'finalized' } as const;
const components = ['ingest-batch', 'ingest-realtime'] as const;

/** Both ingesters have covered a chain of 50 blocks, on the topic that is called `first` where it has a name at all. */
async function covered(incarnation: string | null = 'first'): Promise<Scene> {
  const chain = new SimulatedChain(10);
  const log = new MemoryTopics();
  for (let block = 1; block <= 50; block += 1) chain.mine([revocation(block)]);
  const open: Scene['open'] = (component, found = incarnation) =>
    openSimulated(component, { chain, topics: log, incarnation: found });
  const say: Scene['say'] = async ({ component, deployment, view, reporter }) => {
    const { head, finalized } = chain;
    const block = { coveredTo: head.number, coveredToHash: head.hash, coveredToTimestamp: head.timestamp };
    const coverage = { coveredFrom: 0, ...block, settledTo: finalized.number, offsets: view.covered(new Map()) };
    const said: ComponentStatus = {
      ...{ component, deployment, head, finalized, coverage },
      ...{ syncing: false, finalityViolation: null, ...plainClaims },
    };
    await reporter.say(said);
  };
  const batch = await open('ingest-batch');
  await batch.writer.reconciled({ publish: chain.logsFrom(0), retract: [] }, origin);
  await batch.view.caughtUp();
  for (const component of components) await say(await open(component));
  return { log, open, say };
}

function grow(log: MemoryTopics, records: number): Promise<unknown> {
  const filler = Array.from({ length: records }, (_, i) => ({ key: `filler-${i}`, value: 'filler' }));
  return log.publish(topics.revocations, filler);
}

describe('a revocation topic that was made again', () => {
  it('makes void what relies on the records that are gone', async () => {
    const { log, open } = await covered(null);
    expect((await open('ingest-batch')).view.component('ingest-batch')?.coverage).not.toBeNull();
    log.recreate(topics.revocations);
    const again = await open('ingest-batch');
    expect(again.view.component('ingest-batch')).toMatchObject({ coverage: null });
    expect(again.view.window.size).toBe(0);
  });

  it.each(components)(
    'is told by its incarnation once it has grown past the offsets that %s knew',
    async (component) => {
      const { log, open } = await covered();
      log.recreate(topics.revocations);
      await grow(log, 1_000);
      for (const same of ['first', null]) {
        expect((await open(component, same)).view.component(component)?.coverage).not.toBeNull();
      }
      const { view } = await open(component, 'second');
      for (const said of components) {
        expect(view.component(said)).toMatchObject({ coverage: null, windowOffsets: new Map() });
      }
      expect(log.readBy(topics.revocations)).toBe(1_000);
    },
  );

  it('is told by its incarnation also when it still is the same topic, from which records were deleted', async () => {
    const { open } = await covered();
    const { view } = await open('ingest-batch', 'first 3=2');
    expect(view.component('ingest-batch')?.coverage).toBeNull();
  });
});

describe('what an ingester says of the revocation topic', () => {
  it('names its incarnation, also where a status of an earlier one is passed on', async () => {
    const { log, open, say } = await covered();
    const batch = await open('ingest-batch', 'second');
    const earlier = batch.view.component('ingest-batch');
    if (earlier === null) throw new Error('there is one');
    await batch.reporter.say({ ...earlier, syncing: true });
    await say(batch);
    expect(saidBy(log, 'ingest-batch').slice(-3)).toMatchObject([
      { topicIncarnation: 'first', coverage: { coveredTo: 50 } },
      { topicIncarnation: 'second', coverage: null },
      { topicIncarnation: 'second', coverage: { coveredTo: 50 } },
    ]);
  });

  it('is believed while the other one works with another incarnation, of the other one alone', async () => {
    const { open, say } = await covered();
    const batch = await open('ingest-batch', 'second');
    const realtime = await open('ingest-realtime');
    await say(batch);
    await realtime.view.caughtUp();
    await batch.view.caughtUp();
    expect(realtime.view.component('ingest-batch')?.coverage).toBeNull();
    expect(realtime.view.component('ingest-realtime')?.coverage).not.toBeNull();
    expect(batch.view.component('ingest-batch')?.coverage).not.toBeNull();
    expect(batch.view.component('ingest-realtime')?.coverage).toBeNull();
  });
});
