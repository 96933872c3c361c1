import { describe, expect, it } from '@jest/globals';
import { revocation } from '../../../libs/ingest/src/testing/simulated-chain.js';
import { linesOf, liveOn, topics } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { following, lastSaid, type Following } from './testing/following.js';

describe('following the head', () => {
  it('publishes the revocations of new blocks, and then says that they are covered', async () => {
    const { chain, log, follower, ...rest } = await following();
    chain.mine([revocation(1), revocation(2)]);
    chain.mine([revocation(3)]);
    await follower.step();
    expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(0)));
    const { head, coverage } = lastSaid({ chain, log, follower, ...rest });
    expect(head.hash).toBe(chain.head.hash);
    expect(coverage).toMatchObject({ coveredFrom: 1, coveredTo: 2, coveredToHash: chain.head.hash, settledTo: 0 });
    const next = log.records(topics.revocations).map(({ partition, offset }) => [partition, offset + 1]);
    expect(coverage?.offsets).toEqual(new Map(next.map(([partition = 0, offset = 0]) => [partition, offset])));
  });

  it('says nothing of blocks whose records are not acknowledged', async () => {
    const all = await following();
    const { chain, log, follower } = all;
    const before = lastSaid(all);
    chain.mine([revocation(1)]);
    log.before = (topic) => {
      if (topic === topics.revocations) throw new Error('the broker is away');
    };
    await expect(follower.step()).rejects.toThrow('the broker is away');
    expect(lastSaid(all)).toEqual(before);
    log.before = () => undefined;
    await follower.step();
    expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(0)));
    expect(lastSaid(all).coverage?.coveredTo).toBe(1);
  });

  it('does not write what the topic holds already', async () => {
    const all = await following();
    const { chain, log, follower } = all;
    chain.mine([revocation(1)]);
    await follower.step();
    await follower.step();
    await (await all.restarted()).follower.step();
    expect(log.records(topics.revocations)).toHaveLength(1);
  });

  it('takes revocations back when their blocks are orphaned, and publishes where they are now', async () => {
    const { chain, log, follower, reorgs } = await following();
    chain.mine([revocation(1), revocation(2)]);
    chain.mine();
    await follower.step();
    chain.cut(2);
    chain.mine();
    chain.mine([revocation(2)]);
    chain.mine();
    await follower.step();
    expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(0)));
    expect(log.records(topics.revocations)).toHaveLength(4);
    expect(reorgs).toEqual([2]);
  });

  it('takes back what lies above the head of a shorter branch', async () => {
    const { chain, log, follower } = await following();
    chain.mineBlocks(2);
    chain.mine([revocation(1)]);
    await follower.step();
    chain.cut(2);
    chain.mine();
    await follower.step();
    expect(liveOn(log)).toEqual([]);
  });

  it('counts a reorg once when publishing it fails at first', async () => {
    const { chain, log, follower, reorgs } = await following();
    chain.mine([revocation(1)]);
    await follower.step();
    chain.cut(1);
    chain.mine();
    log.before = () => {
      throw new Error('the broker is away');
    };
    await expect(follower.step()).rejects.toThrow();
    log.before = () => undefined;
    await follower.step();
    expect(reorgs).toEqual([1]);
    expect(liveOn(log)).toEqual([]);
  });

  it('waits where the head lags behind, and takes nothing back', async () => {
    const { chain, log, follower } = await following();
    chain.mine([revocation(1)]);
    await follower.step();
    const before = log.records(topics.revocations).length;
    const lagging = chain.at(0);
    const block = chain.block.bind(chain);
    chain.block = (tag) => (tag === 'latest' ? Promise.resolve(lagging) : block(tag));
    await follower.step();
    expect(log.records(topics.revocations)).toHaveLength(before);
  });

  it('keeps blocks that it cannot tell to be final, when the chain moves while it reads', async () => {
    const { chain, log, follower } = await following(1);
    chain.mineBlocks(3);
    chain.mine([revocation(1)]);
    // Between the head and the finalized block everything changes: what was read as the head never becomes final.
    chain.before = () => {
      if (chain.requests.at(-1) !== 'logsOfBlock' || chain.head.number !== 4) return;
      chain.cut(1);
      chain.mineBlocks(4);
    };
    await follower.step();
    await follower.step();
    expect(follower.violation).toBeNull();
    expect(liveOn(log)).toEqual([]);
  });
});

describe('a stale record of a paused twin that wakes up', () => {
  it('is corrected by the next step, whichever kind it is', async () => {
    const { chain, log, follower } = await following();
    chain.mine([revocation(1), revocation(2)]);
    await follower.step();
    chain.cut(1);
    chain.mine();
    await follower.step();
    chain.mine([revocation(2)]);
    await follower.step();
    const [orphaned1, orphaned2, retracted1, retracted2] = log.records(topics.revocations);
    const stale = [orphaned1, orphaned2, retracted2].flatMap((record) => record ?? []);
    expect(log.records(topics.revocations)).toHaveLength(5);
    expect(retracted1?.key).toEqual(orphaned1?.key);
    for (const { key, value } of stale) {
      await log.publish(topics.revocations, [{ key: String(key), value: String(value) }]);
      log.deliver();
      expect(liveOn(log)).not.toEqual(linesOf(chain.logsFrom(0)));
      await follower.step();
      expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(0)));
    }
  });
});

describe('a reorg below the finalized block', () => {
  async function violated(): Promise<Following> {
    const all = await following(2);
    all.chain.mine([revocation(1)]);
    all.chain.mineBlocks(5);
    await all.follower.step();
    all.chain.cut(5);
    all.chain.mineBlocks(9);
    await all.follower.step();
    return all;
  }

  it('stops everything and is said', async () => {
    const all = await violated();
    expect(all.follower.violation).toMatchObject({ blockNumber: 4 });
    expect(lastSaid(all).finalityViolation).toEqual(all.follower.violation);
    const before = all.log.records(topics.revocations).length;
    all.chain.mine([revocation(9)]);
    await all.follower.step();
    expect(all.log.records(topics.revocations)).toHaveLength(before);
    expect(liveOn(all.log)).toHaveLength(1);
  });

  it('still stops everything after a restart', async () => {
    const again = await (await violated()).restarted();
    again.chain.mine([revocation(9)]);
    await again.follower.step();
    expect(again.follower.violation).not.toBeNull();
    expect(lastSaid(again).finalityViolation).toEqual(again.follower.violation);
    expect(liveOn(again.log)).toHaveLength(1);
  });

  it.each([1, 300])('is found by a process that starts %i blocks after it', async (blocks) => {
    const all = await following(2);
    all.chain.mineBlocks(6);
    await all.follower.step();
    all.chain.cut(5);
    all.chain.mineBlocks(5 + blocks);
    const again = await all.restarted();
    await again.follower.step();
    expect(again.follower.violation).toMatchObject({ blockNumber: 4 });
  });

  it('is found by a process that has fallen far behind', async () => {
    const { chain, follower } = await following(2);
    chain.mineBlocks(6);
    await follower.step();
    chain.cut(5);
    chain.mineBlocks(300);
    await follower.step();
    expect(follower.violation).toMatchObject({ blockNumber: 4 });
  });
});

describe('being far behind', () => {
  it('jumps to the head and leaves the hole to ingest-batch', async () => {
    const all = await following();
    const { chain, log, follower } = all;
    chain.mine([revocation(1)]);
    chain.mineBlocks(256);
    chain.mine([revocation(2)]);
    await follower.step();
    expect(lastSaid(all).coverage).toMatchObject({ coveredFrom: chain.finalized.number + 1, coveredTo: 258 });
    expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(100)));
  });

  it('does not jump over 256 blocks', async () => {
    const all = await following();
    all.chain.mine([revocation(1)]);
    all.chain.mineBlocks(255);
    await all.follower.step();
    expect(lastSaid(all).coverage).toMatchObject({ coveredFrom: 1, coveredTo: 256 });
    expect(liveOn(all.log)).toHaveLength(1);
  });
});
