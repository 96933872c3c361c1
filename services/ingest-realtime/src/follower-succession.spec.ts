import { describe, expect, it } from '@jest/globals';
import { revocation, SimulatedChain } from '../../../libs/ingest/src/testing/simulated-chain.js';
import { linesOf, liveOn, topics } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { afterHistory, following, followingOn, lastSaid } from './testing/following.js';

describe('starting again', () => {
  it('goes on without a gap where the last process ended', async () => {
    const all = await following();
    all.chain.mineBlocks(100);
    await all.follower.step();
    all.chain.mine([revocation(1)]);
    all.chain.mineBlocks(100);
    const again = await all.restarted();
    await again.follower.step();
    expect(lastSaid(again).coverage).toMatchObject({ coveredFrom: 1, coveredTo: 201, settledTo: 137 });
    expect(liveOn(again.log)).toEqual(linesOf(again.chain.logsFrom(0)));
  });

  it('takes back what was orphaned meanwhile', async () => {
    const all = await following();
    all.chain.mine([revocation(1)]);
    await all.follower.step();
    all.chain.cut(1);
    all.chain.mineBlocks(3);
    const again = await all.restarted();
    await again.follower.step();
    expect(liveOn(again.log)).toEqual([]);
  });

  it('waits, the first time, for the first pass of ingest-batch', async () => {
    const chain = new SimulatedChain();
    chain.mine([revocation(1)]);
    const { follower, log } = await followingOn(chain);
    await follower.step();
    expect([log.records(topics.revocations), log.records(topics.status)]).toEqual([[], []]);
  });
});

describe('a standby', () => {
  it('reads and writes nothing', async () => {
    const { ingester, follower, chain, log } = await afterHistory(new SimulatedChain());
    ingester.lease.lose();
    chain.mine([revocation(1)]);
    chain.requests.splice(0);
    await follower.step();
    expect(chain.requests).toEqual([]);
    expect([...log.latest(topics.status).keys()]).toEqual(['ingest-batch']);
  });

  it('writes nothing more once the lease is lost in the middle of a step, which is no failure', async () => {
    const { chain, log, ingester, follower } = await following();
    const before = log.records(topics.status).length;
    chain.mine([revocation(1)]);
    chain.before = (request) => {
      if (request === 'logsOfBlock') ingester.lease.lose();
    };
    await follower.step();
    expect(log.records(topics.revocations)).toEqual([]);
    expect(log.records(topics.status)).toHaveLength(before);
  });

  it('goes on from what the other one said when the lease comes back between two steps', async () => {
    const one = await following();
    const other = await one.restarted();
    one.chain.mine([revocation(1)]);
    await one.follower.step();
    one.ingester.lease.lose();
    one.chain.mine([revocation(2)]);
    await other.follower.step();
    one.chain.cut(1);
    one.ingester.lease.take();
    expect(one.ingester.reporter.last).toBeNull();
    one.chain.mineBlocks(2);
    await one.follower.step();
    expect(liveOn(one.log)).toEqual(linesOf(one.chain.logsFrom(0)));
    expect(lastSaid(one).coverage?.coveredTo).toBe(3);
  });

  it('does not go on where another one has stopped, when the lease comes back between two steps', async () => {
    const one = await following(2);
    one.chain.mineBlocks(6);
    await one.follower.step();
    one.ingester.lease.lose();
    const other = await one.restarted();
    one.chain.mineBlocks(14);
    await other.follower.step();
    one.chain.cut(5);
    one.chain.mineBlocks(5);
    await other.follower.step();
    expect(other.follower.violation).not.toBeNull();
    one.ingester.lease.take();
    await one.follower.step();
    expect(lastSaid(one).finalityViolation).toEqual(other.follower.violation);
    expect(one.follower.violation).toEqual(other.follower.violation);
  });
});
