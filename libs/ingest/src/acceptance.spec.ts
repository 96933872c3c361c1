import { describe, expect, it } from '@jest/globals';
import type { Component, ComponentStatus, FinalityViolation, Hash32 } from '@hybrid-sync/domain';
import { hashOf, plainClaims } from '../../domain/src/testing/arbitraries.js';
import { MemoryTopics } from './testing/memory-topics.js';
import { revocation, SimulatedChain } from './testing/simulated-chain.js';
import { openSimulated, saidBy, topics, type SimulatedIngester } from './testing/simulated-ingester.js';

const violation: FinalityViolation = { blockNumber: 20, expectedHash: hashOf(1), actualHash: hashOf(2) };

function statusOf(
  { component, deployment, chain }: SimulatedIngester & { readonly chain: SimulatedChain },
  finalityViolation: FinalityViolation | null = null,
): ComponentStatus {
  const { head, finalized } = chain;
  const covered = { coveredFrom: 0, coveredTo: head.number, coveredToHash: head.hash, coveredToTimestamp: 0 };
  const coverage = { ...covered, settledTo: finalized.number, offsets: new Map() };
  return { component, deployment, head, finalized, syncing: false, coverage, finalityViolation, ...plainClaims };
}

interface Scene {
  readonly chain: SimulatedChain;
  readonly log: MemoryTopics;
  readonly open: (component: Component, accepts?: Hash32) => Promise<SimulatedIngester>;
  readonly outdated: string[];
}

/** Both ingesters have covered a chain of 50 blocks, and then ingest-realtime has found that it was not final. */
async function violated(): Promise<Scene> {
  const chain = new SimulatedChain(10);
  const log = new MemoryTopics();
  for (let block = 1; block <= 50; block += 1) chain.mine([revocation(block)]);
  const outdated: string[] = [];
  const open: Scene['open'] = (component, acceptedHash) =>
    openSimulated(component, {
      chain,
      topics: log,
      outdated: () => void outdated.push(component),
      acceptedHash,
    });
  const batch = await open('ingest-batch');
  await batch.writer.reconciled(
    { publish: chain.logsFrom(0), retract: [] },
    { source: 'batch', finality: 'finalized' },
  );
  await batch.reporter.say(statusOf({ ...batch, chain }));
  const realtime = await open('ingest-realtime');
  await realtime.reporter.say(statusOf({ ...realtime, chain }, violation));
  return { chain, log, open, outdated };
}

describe('a finality violation that an operator accepts', () => {
  it('makes void what ingest-realtime has said, and is remembered by what it says from then on', async () => {
    const { chain, log, open, outdated } = await violated();
    expect((await open('ingest-realtime')).view.component('ingest-realtime')?.finalityViolation).toEqual(violation);
    const realtime = await open('ingest-realtime', violation.actualHash);
    expect(realtime.view.component('ingest-realtime')).toBeNull();
    await realtime.reporter.say(statusOf({ ...realtime, chain }));
    const again = await open('ingest-realtime');
    expect(again.view.component('ingest-realtime')).toMatchObject({ acceptedViolation: violation });
    await again.reporter.say(statusOf({ ...again, chain }));
    expect(saidBy(log, 'ingest-realtime').at(-1)).toMatchObject({ acceptedViolation: violation });
    await again.view.caughtUp();
    await realtime.view.caughtUp();
    expect(outdated).toEqual([]);
  });

  it('ends a process that stands on what is void', async () => {
    const { chain, open, outdated } = await violated();
    const batch = await open('ingest-batch');
    const realtime = await open('ingest-realtime', violation.actualHash);
    await realtime.reporter.say(statusOf({ ...realtime, chain }));
    await batch.view.caughtUp();
    expect(outdated).toEqual(['ingest-batch']);
  });

  it('makes ingest-batch begin anew, with every live record in its window', async () => {
    const { chain, log, open } = await violated();
    const realtime = await open('ingest-realtime', violation.actualHash);
    await realtime.reporter.say(statusOf({ ...realtime, chain }));
    const batch = await open('ingest-batch');
    expect(batch.view.component('ingest-batch')).toBeNull();
    expect(batch.view.window.size).toBe(50);
    await batch.reporter.say(statusOf({ ...batch, chain }));
    const again = await open('ingest-batch');
    expect(again.view.component('ingest-batch')?.coverage).not.toBeNull();
    expect(again.view.window.size).toBe(10);
    expect(log.records(topics.revocations)).toHaveLength(50);
  });

  it('is withdrawn, and nothing is void, when the block that was final is the chain after all', async () => {
    const { chain, open, outdated } = await violated();
    const batch = await open('ingest-batch');
    const realtime = await open('ingest-realtime', violation.expectedHash);
    const said = realtime.view.component('ingest-realtime');
    expect(said).toMatchObject({ finalityViolation: null, coverage: { coveredTo: 50 } });
    await realtime.reporter.say(statusOf({ ...realtime, chain }));
    await batch.view.caughtUp();
    expect(batch.view.component('ingest-realtime')?.finalityViolation).toBeNull();
    expect([batch.view.component('ingest-batch')?.coverage === null, outdated]).toEqual([false, []]);
  });

  it('is not another one', async () => {
    const { open, chain } = await violated();
    const realtime = await open('ingest-realtime', violation.actualHash);
    const later = { ...violation, actualHash: hashOf(3) };
    await realtime.reporter.say(statusOf({ ...realtime, chain }, later));
    const again = await open('ingest-realtime', violation.actualHash);
    expect(again.view.component('ingest-realtime')?.finalityViolation).toEqual(later);
  });
});
