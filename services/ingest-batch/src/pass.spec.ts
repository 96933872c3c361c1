import { describe, expect, it } from '@jest/globals';
import { hashOf } from '../../../libs/domain/src/testing/arbitraries.js';
import { revocation } from '../../../libs/ingest/src/testing/simulated-chain.js';
import { linesOf, liveOn, saidBy, topics } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { batchingOn, grownChain, lastSaid, type Batching } from './testing/batching.js';
import { HeadMovedError } from './head-moved.js';

/** Block of each published record, in order. */
function publishedBlocks({ log }: Batching): readonly number[] {
  return log.records(topics.revocations).map(({ value }) => Number(/"blockNumber":(\d+)/.exec(String(value))?.[1]));
}

function finalities({ log }: Batching): readonly string[] {
  return log
    .records(topics.revocations)
    .map(({ headers }) => `${String(headers['source'])} ${String(headers['finality'])}`);
}

describe('the first pass', () => {
  it('publishes everything from the start block to the head, in order', async () => {
    const all = await batchingOn(grownChain(100));
    await all.pass();
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
    expect(publishedBlocks(all)).toEqual(publishedBlocks(all).toSorted((a, b) => a - b));
    expect(new Set(finalities(all))).toEqual(new Set(['batch finalized', 'batch included']));
    const { head, finalized } = all.chain;
    const covered = { coveredFrom: 0, coveredTo: 100, coveredToHash: head.hash, settledTo: finalized.number };
    expect(lastSaid(all)).toMatchObject({ head: { hash: head.hash }, syncing: false, coverage: covered });
  });

  it('leaves out what lies below the start block', async () => {
    const all = await batchingOn(grownChain(100), undefined, 12);
    await all.pass();
    expect(Math.min(...publishedBlocks(all))).toBe(12);
    expect(lastSaid(all).coverage?.coveredFrom).toBe(12);
  });

  it('covers a chain on which nothing is final yet', async () => {
    const all = await batchingOn(grownChain(30), undefined, 5);
    await all.pass();
    expect(lastSaid(all).coverage).toMatchObject({ coveredFrom: 5, coveredTo: 30, settledTo: 0 });
    expect(liveOn(all.log, 5)).toEqual(linesOf(all.chain.logsFrom(5)));
  });

  it('covers a chain that is all final', async () => {
    const all = await batchingOn(grownChain(30, 0));
    await all.pass();
    expect(lastSaid(all)).toMatchObject({ syncing: false, coverage: { coveredTo: 30, settledTo: 30 } });
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
  });

  it('covers no block before its records are acknowledged', async () => {
    const all = await batchingOn(grownChain(200));
    all.log.before = (topic) => {
      if (topic !== topics.status) return;
      for (const status of saidBy(all.log, 'ingest-batch')) {
        const live = liveOn(all.log).length;
        const expected = all.chain.logsFrom(0).filter((log) => log.blockNumber <= (status.coverage?.coveredTo ?? -1));
        expect(live).toBeGreaterThanOrEqual(expected.length);
      }
    };
    await all.pass();
    expect(saidBy(all.log, 'ingest-batch').length).toBeGreaterThan(10);
    for (const status of saidBy(all.log, 'ingest-batch')) expect(status.coverage?.coveredFrom ?? 0).toBe(0);
  });
});

describe('a pass that is cut short', () => {
  async function cutShort(): Promise<Batching> {
    const all = await batchingOn(grownChain(200));
    let writes = 0;
    all.log.before = (topic) => {
      if (topic === topics.revocations && (writes += 1) > 4) throw new Error('the process is gone');
    };
    await expect(all.pass()).rejects.toThrow('the process is gone');
    all.log.before = () => undefined;
    return all;
  }

  it('has covered what was acknowledged and no more', async () => {
    const all = await cutShort();
    expect(lastSaid(all).coverage).toMatchObject({ coveredTo: 39, settledTo: 39 });
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0).filter(({ blockNumber }) => blockNumber <= 39)));
  });

  it('is taken up by another process where it ended', async () => {
    const again = await (await cutShort()).restarted();
    again.chain.requests.splice(0);
    await again.pass();
    expect(liveOn(again.log)).toEqual(linesOf(again.chain.logsFrom(0)));
    expect(again.chain.requests.filter((request) => request === 'logsOfRange')).toHaveLength(10);
    expect(new Set(publishedBlocks(again)).size).toBe(publishedBlocks(again).length);
  });

  it('is taken up by the same process where it ended', async () => {
    const all = await cutShort();
    await all.pass();
    expect(new Set(publishedBlocks(all)).size).toBe(publishedBlocks(all).length);
    expect(lastSaid(all).coverage).toMatchObject({ coveredFrom: 0, coveredTo: 200 });
  });
});

describe('a later pass', () => {
  it('looks again at everything that was not final, and at nothing below', async () => {
    const all = await batchingOn(grownChain(200));
    await all.pass();
    grownChain(260, 64, all.chain);
    const ranges: number[] = [];
    const read = all.chain.logsOfRange.bind(all.chain);
    all.chain.logsOfRange = (range) => {
      ranges.push(range.fromBlock);
      return read(range);
    };
    await all.pass();
    expect(Math.min(...ranges)).toBe(200 - 64 + 1);
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
    expect(publishedBlocks(all)).toHaveLength(all.chain.logsFrom(0).length);
  });

  it('keeps the coverage of the earlier one until it has scanned the head', async () => {
    const all = await batchingOn(grownChain(200));
    await all.pass();
    grownChain(260, 64, all.chain);
    await all.pass();
    const covered = saidBy(all.log, 'ingest-batch').map(({ coverage }) => coverage?.coveredTo ?? -1);
    expect(covered).toEqual(covered.toSorted((a, b) => a - b));
    const settled = saidBy(all.log, 'ingest-batch').map(({ coverage }) => coverage?.settledTo ?? -1);
    expect(settled).toEqual(settled.toSorted((a, b) => a - b));
  });

  it('publishes what realtime has missed, and takes back what was orphaned', async () => {
    const all = await batchingOn(grownChain(100));
    all.chain.mine([revocation(901)]);
    await all.pass();
    all.chain.cut(1);
    all.chain.mine([revocation(902)]);
    all.chain.mine();
    await all.pass();
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
  });

  it('covers a shorter branch up to its head and no further: the numbers of the old one are other blocks now', async () => {
    const all = await batchingOn(grownChain(100));
    await all.pass();
    all.chain.cut(5);
    all.chain.mine();
    await all.pass();
    expect(lastSaid(all).coverage).toMatchObject({ coveredTo: 96, coveredToHash: all.chain.head.hash });
  });

  it('is given up when the head has left the finalized block, and covers nothing more', async () => {
    const all = await batchingOn(grownChain(100, 2));
    await all.pass();
    const before = lastSaid(all);
    all.chain.cut(20);
    all.chain.mineBlocks(40);
    const orphaned = { ...all.chain.at(98), hash: hashOf(98) };
    const block = all.chain.block.bind(all.chain);
    all.chain.block = (tag) => (tag === 'finalized' ? Promise.resolve(orphaned) : block(tag));
    await expect(all.pass()).rejects.toThrow(HeadMovedError);
    expect(lastSaid(all).coverage).toEqual(before.coverage);
  });

  it('settles nothing back where the endpoint lags', async () => {
    const all = await batchingOn(grownChain(200));
    await all.pass();
    const lagging = { latest: all.chain.at(150), finalized: all.chain.at(86) };
    const block = all.chain.block.bind(all.chain);
    all.chain.block = (tag) => (typeof tag === 'number' ? block(tag) : Promise.resolve(lagging[tag]));
    await all.pass();
    expect(lastSaid(all).coverage?.settledTo).toBe(136);
  });
});
