import { describe, expect, it } from '@jest/globals';
import { RpcError } from '@hybrid-sync/chain';
import { blockTime, encodeComponentStatus, type LogProof } from '@hybrid-sync/domain';
import { revocation, SimulatedChain } from '../../../libs/ingest/src/testing/simulated-chain.js';
import { linesOf, liveOn, topics } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { following, lastSaid } from './testing/following.js';

describe('an endpoint that is not quite right', () => {
  it('is waited for when it speaks of a block that it does not have yet', async () => {
    const all = await following();
    const { chain, follower } = all;
    chain.mine([revocation(1)]);
    chain.mine([revocation(2)]);
    const before = lastSaid(all);
    chain.before = (request) => {
      if (request === 'logsOfBlock') throw new RpcError('unknown-block', 'eth_getBlockReceipts', 'not yet');
    };
    expect(await follower.step()).toBe('waiting');
    expect(lastSaid(all)).toEqual(before);
    chain.before = () => undefined;
    expect(await follower.step()).toBe('done');
    expect(liveOn(all.log)).toEqual(linesOf(chain.logsFrom(0)));
  });

  it('is not believed when it still shows a branch that was given up and lies behind our tip', async () => {
    const { chain, log, follower } = await following();
    chain.mineBlocks(2);
    chain.mine([revocation(1)]);
    const givenUp = chain.head;
    await follower.step();
    chain.cut(1);
    chain.mine([revocation(1)]);
    chain.mine([revocation(2)]);
    await follower.step();
    const before = log.records(topics.revocations).length;
    const block = chain.block.bind(chain);
    chain.block = (tag) => (tag === 'latest' ? Promise.resolve(givenUp) : block(tag));
    await follower.step();
    expect(log.records(topics.revocations)).toHaveLength(before);
    expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(0)));
  });

  it('does not stop everything with a head that leaves out what is final, when the block is there by its number', async () => {
    const all = await following(2);
    const { chain, follower } = all;
    chain.mineBlocks(6);
    await follower.step();
    const other = new SimulatedChain();
    other.mine();
    other.cut(1);
    other.mine([revocation(9)]);
    other.mineBlocks(20);
    const [block, blockByHash] = [chain.block.bind(chain), chain.blockByHash.bind(chain)];
    chain.block = (tag) => (tag === 'latest' ? Promise.resolve(other.head) : block(tag));
    chain.blockByHash = (hash) => other.blockByHash(hash);
    expect(await follower.step()).toBe('waiting');
    expect(follower.violation).toBeNull();
    Object.assign(chain, { block, blockByHash });
    chain.mine([revocation(1)]);
    expect(await follower.step()).toBe('done');
  });

  it('fails the step, and nothing is written, when it lacks a log that the contract knows of', async () => {
    const { chain, log, follower } = await following();
    chain.mine([revocation(1)]);
    await follower.step();
    chain.mine();
    chain.cut(2);
    chain.mine([revocation(1)]);
    chain.mineBlocks(2);
    const [logsOfBlock, findRevocation] = [chain.logsOfBlock.bind(chain), chain.findRevocation.bind(chain)];
    chain.logsOfBlock = () => Promise.resolve({ logs: [], proof: 'none' });
    chain.findRevocation = () => Promise.resolve(null);
    const before = log.records(topics.revocations).length;
    await expect(follower.step()).rejects.toThrow('1 signatures are revoked whose logs were not found');
    expect(log.records(topics.revocations)).toHaveLength(before);
    Object.assign(chain, { logsOfBlock, findRevocation });
    await follower.step();
    expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(0)));
  });
});

describe('the proof of a status', () => {
  it.each<[readonly LogProof[], LogProof]>([
    [['receipts', 'receipts'], 'receipts'],
    [['receipts', 'bloom'], 'bloom'],
    [['none', 'receipts'], 'none'],
  ])('of blocks with %j is %s', async (proofs, weakest) => {
    const all = await following();
    const { chain, follower } = all;
    chain.mineBlocks(proofs.length);
    chain.logsOfBlock = ({ number }) => Promise.resolve({ logs: [], proof: proofs[number - 1] ?? 'receipts' });
    await follower.step();
    expect(lastSaid(all).proof).toBe(weakest);
  });

  it('is not made stronger by time: blocks that became final meanwhile count until ingest-batch has read them again', async () => {
    const all = await following(2);
    all.chain.mineBlocks(5);
    all.chain.logsOfBlock = ({ number }) => Promise.resolve({ logs: [], proof: number < 3 ? 'none' : 'receipts' });
    await all.follower.step();
    const said = lastSaid(all);
    expect(said.proof).toBe('none');
    const coverage = said.coverage === null ? null : { ...said.coverage, settledTo: 2 };
    const reread = { ...said, component: 'ingest-batch', proof: 'receipts', coverage } as const;
    await all.log.publish(topics.status, [{ key: 'ingest-batch', value: encodeComponentStatus(reread) }]);
    all.log.deliver(topics.status);
    all.chain.mineBlocks(1);
    await all.follower.step();
    expect(lastSaid(all).proof).toBe('receipts');
  });
});

describe('a chain that is not quite right', () => {
  it('may claim any time: it is passed on as it is', async () => {
    const all = await following();
    const head = all.chain.block.bind(all.chain);
    for (const timestamp of [0, 253_402_300_799, 99_999_999_999_999]) {
      all.chain.mine();
      all.chain.block = async (tag) => ({ ...(await head(tag)), timestamp });
      await all.follower.step();
      const said = lastSaid(all);
      expect(blockTime(said.coverage?.coveredToTimestamp ?? -1)).toBe(blockTime(timestamp));
      expect(JSON.parse(encodeComponentStatus(said))).toMatchObject({ coveredTo: all.chain.head.number });
    }
  });
});

describe('a burst', () => {
  it('of 1000 blocks is followed from the finalized block on, few requests at a time', async () => {
    const all = await following();
    const { chain, follower } = all;
    for (let block = 0; block < 1000; block += 1) chain.mine([revocation(block)]);
    let [running, most] = [0, 0];
    const logsOfBlock = chain.logsOfBlock.bind(chain);
    chain.logsOfBlock = async (block) => {
      most = Math.max(most, (running += 1));
      const logs = await logsOfBlock(block);
      running -= 1;
      return logs;
    };
    expect(await follower.step()).toBe('done');
    const { coverage } = lastSaid(all);
    expect(coverage).toMatchObject({ coveredFrom: 937, coveredTo: 1000 });
    expect(liveOn(all.log)).toEqual(linesOf(chain.logsFrom(937)));
    expect(most).toBeLessThanOrEqual(8);
  });

  it('of 1000 logs in one block is published whole', async () => {
    const { chain, log, follower } = await following();
    chain.mine(Array.from({ length: 1000 }, (_, index) => revocation(index)));
    await follower.step();
    expect(liveOn(log)).toHaveLength(1000);
  });

  it('above a finalized block that stands still is followed step by step, and coverage never goes back', async () => {
    const all = await following(5_000);
    const { chain, follower, log } = all;
    for (let block = 0; block < 700; block += 1) chain.mine([revocation(block)]);
    expect([await follower.step(), await follower.step(), await follower.step()]).toEqual(['more', 'more', 'done']);
    expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(0)));
    expect(lastSaid(all).coverage).toMatchObject({ coveredFrom: 1, coveredTo: 700 });
    const again = await all.restarted();
    await again.follower.step();
    expect(lastSaid(again).coverage).toMatchObject({ coveredFrom: 1, coveredTo: 700 });
  });
});
