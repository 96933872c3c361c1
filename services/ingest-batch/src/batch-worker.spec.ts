import { describe, expect, it } from '@jest/globals';
import type { BackfillCommand } from '@hybrid-sync/domain';
import { plainClaims } from '../../../libs/domain/src/testing/arbitraries.js';
import { revocation } from '../../../libs/ingest/src/testing/simulated-chain.js';
import {
  linesOf,
  liveOn,
  openSimulated,
  saidBy,
  saidOf,
  topics,
} from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { backfill, batchingOn, grownChain, lastSaid, type Batching } from './testing/batching.js';

function give(all: Batching, ...commands: readonly BackfillCommand[]): void {
  for (const command of commands) all.commands.push({ kind: 'backfill', command });
}

async function steps(all: Batching, count: number): Promise<void> {
  for (let step = 0; step < count; step += 1) await all.worker.step();
}

/** The commands that were done, in the order they were done in. */
function done({ log }: Batching): readonly string[] {
  return log
    .records(topics.status)
    .filter(({ value }) => String(value).includes('"succeeded"'))
    .map(({ key }) => String(key));
}

describe('the worker', () => {
  it('makes one pass first, and then rests', async () => {
    const all = await batchingOn(grownChain(100));
    await all.worker.step();
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
    const before = all.log.records(topics.status).length;
    await steps(all, 3);
    expect(all.log.records(topics.status)).toHaveLength(before);
  });

  it('runs each command once, in the order given', async () => {
    const all = await batchingOn(grownChain(100));
    give(all, backfill(3), backfill(1));
    await all.worker.step();
    give(all, backfill(3), backfill(2), backfill(1));
    await steps(all, 6);
    expect(done(all)).toEqual([backfill(3), backfill(1), backfill(2)].map(({ commandId }) => commandId));
  });

  it('does not run again what another process has run', async () => {
    const all = await batchingOn(grownChain(100));
    give(all, backfill(1));
    await steps(all, 2);
    const again = await all.restarted();
    give(again, backfill(1));
    await steps(again, 3);
    expect(done(again)).toHaveLength(1);
  });

  it('refuses a command that has expired by the clock of the broker, and says so', async () => {
    const all = await batchingOn(grownChain(100));
    all.log.now = Date.parse('2026-01-02T00:00:01Z');
    give(all, backfill(1, { expiresAt: '2026-01-02T00:00:00Z' }), backfill(2, { expiresAt: '2026-01-02T00:00:09Z' }));
    await steps(all, 4);
    const [status, ...more] = saidOf(all.log, backfill(1).commandId);
    expect(status).toMatchObject({ state: 'failed', reason: 'the command expired at 2026-01-02T00:00:00Z' });
    expect([more, done(all)]).toEqual([[], [backfill(2).commandId]]);
  });

  it('refuses what is no command under the key of one, once', async () => {
    const all = await batchingOn(grownChain(100));
    const { commandId } = backfill(1);
    all.commands.push({ kind: 'unreadable', command: { commandId, reason: 'the value is not JSON' } });
    await steps(all, 4);
    expect(saidOf(all.log, commandId)).toMatchObject([{ state: 'failed', reason: 'the value is not JSON' }]);
  });

  it('goes on with the other commands after one that cannot be done', async () => {
    const all = await batchingOn(grownChain(100));
    give(all, backfill(1, { fromBlock: 500 }), backfill(2));
    await steps(all, 4);
    expect(saidOf(all.log, backfill(1).commandId).at(-1)?.state).toBe('failed');
    expect(done(all)).toEqual([backfill(2).commandId]);
  });

  it('makes a pass that failed again, from where it ended', async () => {
    const all = await batchingOn(grownChain(100));
    let reads = 0;
    all.chain.before = (request) => {
      if (request === 'logsOfBlock' && (reads += 1) === 1) throw new Error('the chain is away');
    };
    await expect(all.worker.step()).rejects.toThrow('the chain is away');
    expect(lastSaid(all).coverage).toMatchObject({ coveredTo: 36, settledTo: 36 });
    all.chain.requests.splice(0);
    await all.worker.step();
    expect(all.chain.requests).not.toContain('logsOfRange');
    expect(lastSaid(all)).toMatchObject({ syncing: false, coverage: { coveredTo: 100 } });
  });
});

describe('a standby worker', () => {
  it('reads and writes nothing', async () => {
    const all = await batchingOn(grownChain(100));
    give(all, backfill(1));
    all.ingester.lease.lose();
    await steps(all, 3);
    expect([all.chain.requests, all.log.records(topics.status)]).toEqual([[], []]);
  });

  it('writes nothing more once the lease is lost in the middle of a pass, which is no failure', async () => {
    const all = await batchingOn(grownChain(100));
    all.chain.before = (request) => {
      if (request === 'logsOfRange') all.ingester.lease.lose();
    };
    await all.worker.step();
    expect(all.log.records(topics.revocations)).toEqual([]);
    expect(saidBy(all.log, 'ingest-batch').map(({ coverage }) => coverage)).toEqual([null]);
  });

  it('makes a pass when it takes over, from what the other one has covered', async () => {
    const one = await batchingOn(grownChain(100));
    const other = await one.restarted();
    await one.worker.step();
    one.ingester.lease.lose();
    await one.worker.step();
    grownChain(200, 64, one.chain);
    await other.worker.step();
    one.ingester.lease.take();
    one.chain.mine([revocation(901)]);
    one.chain.requests.splice(0);
    await one.worker.step();
    expect(one.chain.requests.filter((request) => request === 'logsOfRange')).toHaveLength(1);
    expect(lastSaid(one).coverage).toMatchObject({ coveredFrom: 0, coveredTo: 201 });
    expect(liveOn(one.log)).toEqual(linesOf(one.chain.logsFrom(0)));
  });
});

describe('a finality violation that ingest-realtime has found', () => {
  it('stops passes and backfills, and makes the service unready', async () => {
    const all = await batchingOn(grownChain(100));
    const realtime = await openSimulated('ingest-realtime', { chain: all.chain, topics: all.log });
    const { head, finalized } = all.chain;
    const violation = { blockNumber: finalized.number, expectedHash: head.hash, actualHash: finalized.hash };
    await realtime.reporter.say({
      component: 'ingest-realtime',
      deployment: realtime.deployment,
      head,
      finalized,
      syncing: false,
      coverage: null,
      ...plainClaims,
      finalityViolation: violation,
    });
    give(all, backfill(1));
    expect(all.worker.unreadyReasons()).toEqual([]);
    await steps(all, 2);
    expect(all.log.records(topics.revocations)).toEqual([]);
    expect(all.worker.unreadyReasons()).toEqual(['finality_violation']);
  });
});
