import { describe, expect, it } from '@jest/globals';
import { RpcError } from '@hybrid-sync/chain';
import type { RevocationLog } from '@hybrid-sync/domain';
import { revocation } from '../../../libs/ingest/src/testing/simulated-chain.js';
import { linesOf, liveOn, saidBy, topics } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { runPass } from './pass.js';
import { batchingOn, grownChain, lastSaid, options, type Batching } from './testing/batching.js';

/** As a pass reads more blocks than it proves by receipts. */
const bloomOnly = { ...options, proof: { receiptBlocks: 0, bloomBlocks: 1_000 } };

const isIn =
  (block: number) =>
  ({ blockNumber }: RevocationLog): boolean =>
    blockNumber === block;

/** Synced up to block 200; then the chain has grown, and what the last pass saw above block 136 is final. */
async function grownOn(): Promise<Batching> {
  const all = await batchingOn(grownChain(200));
  all.chain.cut(20);
  all.chain.mine([901, 902, 903].map(revocation));
  grownChain(220, 64, all.chain);
  await all.pass(bloomOnly);
  grownChain(320, 64, all.chain);
  all.chain.ranges.splice(0);
  return all;
}

function recordCount({ log }: Batching): number {
  return log.records(topics.revocations).length;
}

function expectInStep({ log, chain }: Batching): void {
  expect(liveOn(log)).toEqual(linesOf(chain.logsFrom(0)));
}

describe('F12: an empty answer for blocks that were covered', () => {
  it('takes nothing back, and the blocks are read again by their receipts', async () => {
    const all = await grownOn();
    const before = recordCount(all);
    all.chain.distort = (logs) => logs.filter(({ blockNumber }) => blockNumber > 220);
    await all.pass(bloomOnly);
    expectInStep(all);
    expect(recordCount(all) - before).toBe(all.chain.logsFrom(221).length);
    const proven = all.chain.ranges.filter(({ prove }) => prove === 'receipts').map(({ fromBlock }) => fromBlock);
    expect(proven).toContain(181);
  });
});

describe('F13: an answer that lacks one log of several', () => {
  it('is found at the final re-scan, and the log stays', async () => {
    const all = await grownOn();
    const before = recordCount(all);
    const [lacking] = all.chain.logsFrom(0).filter(isIn(181));
    all.chain.distort = (logs) => logs.filter((log) => log !== lacking);
    await all.pass(bloomOnly);
    expectInStep(all);
    expect(recordCount(all) - before).toBe(all.chain.logsFrom(221).length);
    expect(all.chain.ranges).toContainEqual({ fromBlock: 181, toBlock: 181, prove: 'receipts' });
  });

  it('that was believed while the block was not final is completed once it is', async () => {
    const all = await batchingOn(grownChain(200));
    all.chain.mine([901, 902, 903].map(revocation));
    const logsOfBlock = all.chain.logsOfBlock.bind(all.chain);
    all.chain.logsOfBlock = async (block) => {
      const { logs } = await logsOfBlock(block);
      return { logs: logs.filter(({ logIndex }) => logIndex !== 1), proof: 'none' };
    };
    await all.pass(bloomOnly);
    expect(lastSaid(all).proof).toBe('none');
    expect(liveOn(all.log)).toHaveLength(all.chain.logsFrom(0).length - 1);
    all.chain.logsOfBlock = logsOfBlock;
    grownChain(320, 64, all.chain);
    await all.pass(bloomOnly);
    expectInStep(all);
    expect(all.chain.ranges).toContainEqual({ fromBlock: 201, toBlock: 201, prove: 'receipts' });
    expect(lastSaid(all).proof).toBe('bloom');
  });

  it('takes nothing back where no endpoint can prove the block: the contract is asked', async () => {
    const all = await grownOn();
    const logsOfRange = all.chain.logsOfRange.bind(all.chain);
    all.chain.logsOfRange = async (range) => {
      const answer = await logsOfRange(range, 'none');
      return { ...answer, logs: answer.logs.filter((log) => !isIn(181)(log) || log.logIndex !== 1) };
    };
    await all.pass(bloomOnly);
    expectInStep(all);
  });

  it('fails the step where the contract says that a signature is revoked and nobody has its log', async () => {
    const all = await grownOn();
    const before = lastSaid(all).coverage;
    const isLost = (log: RevocationLog): boolean => isIn(181)(log) && log.logIndex === 1;
    const logsOfRange = all.chain.logsOfRange.bind(all.chain);
    all.chain.logsOfRange = async (range) => {
      const answer = await logsOfRange(range, 'none');
      return { ...answer, logs: answer.logs.filter((log) => !isLost(log)) };
    };
    const find = all.chain.findRevocation.bind(all.chain);
    all.chain.findRevocation = async (identity, range) => {
      const found = await find(identity, range);
      return found !== null && isLost(found) ? null : found;
    };
    await expect(all.pass(bloomOnly)).rejects.toThrow('revoked');
    expect(liveOn(all.log, 181)).toEqual(
      linesOf(all.chain.logsFrom(181).filter(({ blockNumber }) => blockNumber <= 220)),
    );
    expect(lastSaid(all).coverage?.coveredTo).toBe(before?.coveredTo);
    expect(lastSaid(all).coverage?.settledTo).toBeLessThan(181);
  });
});

describe('F15: pieces that are answered out of order', () => {
  it('are published in order', async () => {
    const all = await batchingOn(grownChain(200));
    const logsOfRange = all.chain.logsOfRange.bind(all.chain);
    const late: (() => void)[] = [];
    all.chain.logsOfRange = async (range, prove) => {
      const answer = await logsOfRange(range, prove);
      if (range.fromBlock === 10) await new Promise<void>((resolve) => late.push(resolve));
      if (range.fromBlock === 40) for (const go of late) go();
      return answer;
    };
    await all.pass(bloomOnly);
    const blocks = all.log
      .records(topics.revocations)
      .map(({ value }) => Number(/"blockNumber":(\d+)/.exec(String(value))?.[1]));
    expect(blocks).toEqual(blocks.toSorted((a, b) => a - b));
    expectInStep(all);
  });
});

describe('F22: an endpoint that refuses', () => {
  it('fails the pass where it ended, and the next one goes on there', async () => {
    const all = await batchingOn(grownChain(200));
    let calls = 0;
    all.chain.before = (request) => {
      if (request === 'logsOfRange' && (calls += 1) > 6)
        throw new RpcError('rate-limited', 'eth_getLogs', 'too many requests');
    };
    await expect(all.pass(bloomOnly)).rejects.toThrow('too many requests');
    expect(lastSaid(all).coverage).toMatchObject({ coveredTo: 59, settledTo: 59 });
    calls = -1_000;
    all.chain.ranges.splice(0);
    await all.pass(bloomOnly);
    expect(all.chain.ranges[0]?.fromBlock).toBe(60);
    expectInStep(all);
  });
});

describe('F30 and F31: a process that is gone', () => {
  it.each([
    ['after its records were acknowledged and before it has said so', topics.status, 1],
    ['between reading and publishing', topics.revocations, 0],
  ])('%s leaves nothing out and nothing twice in effect', async (_, topic, repeated) => {
    const all = await batchingOn(grownChain(200));
    let writes = 0;
    all.log.before = (to) => {
      if (to === topic && (writes += 1) > 5) throw new Error('the process is gone');
    };
    await expect(all.pass(bloomOnly)).rejects.toThrow('the process is gone');
    all.log.before = () => undefined;
    const before = recordCount(all);
    const again = await all.restarted();
    await again.pass();
    expectInStep(again);
    expect(recordCount(again)).toBeGreaterThan(before);
    const settled = repeated === 0 ? 0 : 4;
    expect(recordCount(again) - all.chain.logsFrom(0).length).toBeLessThanOrEqual(settled);
  });
});

describe('F34: a checkpoint that is lost', () => {
  it('makes the next pass begin at the start block, and the fold of the topic stays the same', async () => {
    const all = await batchingOn(grownChain(200), undefined, 12);
    await all.pass(bloomOnly);
    const before = all.log.latest(topics.revocations);
    all.log.recreate(topics.status);
    const again = await all.restarted();
    again.chain.ranges.splice(0);
    await again.pass();
    expect(again.chain.ranges[0]?.fromBlock).toBe(12);
    expect(again.log.latest(topics.revocations)).toEqual(before);
    expect(lastSaid(again).coverage).toMatchObject({ coveredFrom: 12, coveredTo: 200, settledTo: 136 });
  });
});

describe('a head that leaves its branch during a pass', () => {
  it('is read again at once, which is no failure', async () => {
    const all = await batchingOn(grownChain(100, 2));
    const block = all.chain.block.bind(all.chain);
    let lies = 2;
    const elsewhere = grownChain(98, 2).head;
    all.chain.block = (tag) => (tag === 'finalized' && (lies -= 1) >= 0 ? Promise.resolve(elsewhere) : block(tag));
    await all.pass(bloomOnly);
    expectInStep(all);
    expect(lastSaid(all).coverage?.coveredTo).toBe(100);
  });
});

describe('a pass over more blocks than are held against bloom filters', () => {
  it('says how many were taken on the word of the endpoint, and that nothing stronger is known', async () => {
    const all = await batchingOn(grownChain(200));
    const pass = await runPass(all.ingester, null, { ...options, proof: { receiptBlocks: 0, bloomBlocks: 37 } });
    expect(pass).toMatchObject({ proof: 'none', unprovenBlocks: 100 });
    expect(lastSaid(all).proof).toBe('none');
    expect(all.chain.ranges.filter(({ prove }) => prove === 'none').at(-1)?.toBlock).toBe(99);
    grownChain(320, 64, all.chain);
    expect(await all.pass(bloomOnly)).toMatchObject({ proof: 'bloom', unprovenBlocks: 0 });
  });
});

describe('what an earlier pass has covered on the word of an endpoint', () => {
  it('is said to be so until another pass has looked at it', async () => {
    const all = await batchingOn(grownChain(200));
    const logsOfBlock = all.chain.logsOfBlock.bind(all.chain);
    all.chain.logsOfBlock = async (block) => ({ ...(await logsOfBlock(block)), proof: 'none' });
    await all.pass();
    all.chain.logsOfBlock = logsOfBlock;
    grownChain(210, 64, all.chain);
    const before = saidBy(all.log, 'ingest-batch').length;
    await all.pass();
    const said = saidBy(all.log, 'ingest-batch').slice(before);
    expect(said.map(({ coverage, proof }) => [coverage?.coveredTo, coverage?.settledTo, proof])).toEqual([
      [200, 136, 'none'],
      [200, 146, 'none'],
      [210, 146, 'receipts'],
    ]);
  });
});

describe('final blocks that a later pass finds new', () => {
  const reach = { ...options, proof: { receiptBlocks: 120, bloomBlocks: 1_000 } };

  it('are read by their receipts, so that none of several logs of a block can be left out', async () => {
    const all = await batchingOn(grownChain(200));
    const first = await runPass(all.ingester, null, reach);
    expect(new Set(all.chain.ranges.map(({ prove }) => prove))).toEqual(new Set(['bloom']));
    await all.ingester.reporter.say({ ...lastSaid(all), audit: null });
    grownChain(320, 64, all.chain);
    await runPass(all.ingester, first.coverage, reach);
    const later = all.chain.ranges.filter(({ fromBlock }) => fromBlock > 136);
    expect(new Set(later.map(({ prove }) => prove))).toEqual(new Set(['receipts']));
    expect(lastSaid(all).audit).toBeNull();
  });

  it('are yet to be compared where they are more than that', async () => {
    const all = await batchingOn(grownChain(200));
    const first = await runPass(all.ingester, null, reach);
    await all.ingester.reporter.say({ ...lastSaid(all), audit: null });
    grownChain(330, 64, all.chain);
    await runPass(all.ingester, first.coverage, reach);
    expect(
      new Set(
        saidBy(all.log, 'ingest-batch')
          .slice(-3)
          .map(({ audit }) => audit),
      ),
    ).toEqual(new Set(['pending']));
  });
});

describe('a chain that grows while a long range is read', () => {
  it('is read to the head as it is at the end, and the status tells the heights of the moment', async () => {
    const all = await batchingOn(grownChain(500));
    all.chain.before = (request) => {
      if (request === 'logsOfRange' && all.chain.head.number < 800)
        grownChain(all.chain.head.number + 50, 64, all.chain);
    };
    await all.pass();
    expect(lastSaid(all).coverage).toMatchObject({ coveredTo: 800, settledTo: 736 });
    expectInStep(all);
  });
});
