import { describe, expect, it } from '@jest/globals';
import { PrunedHistoryError } from '@hybrid-sync/chain';
import { linesOf, liveOn, saidBy, saidOf } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { backfill, batchingOn, grownChain, lastSaid, type Batching } from './testing/batching.js';

const missing = { fromBlock: 40, toBlock: 49 };

/** No endpoint has blocks 40 to 49 any more, until `prune` is false. */
async function pruned(): Promise<Batching & { prune: boolean }> {
  const all = { ...(await batchingOn(grownChain(200))), prune: true };
  const logsOfRange = all.chain.logsOfRange.bind(all.chain);
  all.chain.logsOfRange = (range, prove) =>
    all.prune && range.fromBlock <= missing.toBlock && range.toBlock >= missing.fromBlock
      ? Promise.reject(new PrunedHistoryError(missing))
      : logsOfRange(range, prove);
  return all;
}

describe('history that no endpoint has any more', () => {
  it('stops the pass below it, is said once with the range, and makes the service unready', async () => {
    const all = await pruned();
    await all.worker.step();
    expect(lastSaid(all)).toMatchObject({ missing, syncing: false, coverage: { coveredTo: 39, settledTo: 39 } });
    expect(all.worker.unreadyReasons()).toEqual(['history-missing']);
    expect(all.said.filter(({ level }) => level === 'error')).toEqual([
      { level: 'error', message: expect.stringMatching(/archive/), ...missing },
    ]);
  });

  it('is looked for again after a pause, and not before', async () => {
    const all = await pruned();
    await all.worker.step();
    all.chain.requests.splice(0);
    const before = saidBy(all.log, 'ingest-batch').length;
    await all.worker.step();
    await all.worker.step();
    expect(all.chain.requests).toEqual([]);
    expect(saidBy(all.log, 'ingest-batch')).toHaveLength(before);
  });

  it('is claimed by no coverage, also by that of another process', async () => {
    const all = await pruned();
    await all.worker.step();
    const again = await all.restarted();
    await again.worker.step();
    const claimed = saidBy(all.log, 'ingest-batch').map(({ coverage }) => coverage?.coveredTo ?? -1);
    expect(Math.max(...claimed)).toBe(39);
    expect(saidBy(all.log, 'ingest-batch').slice(1).at(-1)?.missing).toEqual(missing);
  });

  it('is forgotten once an endpoint has it', async () => {
    const all = await pruned();
    await all.worker.step();
    all.prune = false;
    const again = await all.restarted();
    await again.worker.step();
    expect(lastSaid(again)).toMatchObject({ missing: null, coverage: { coveredTo: 200 } });
    expect(again.worker.unreadyReasons()).toEqual([]);
    expect(liveOn(again.log)).toEqual(linesOf(again.chain.logsFrom(0)));
  });

  it('fails a backfill of it, and not one of other blocks', async () => {
    const all = await pruned();
    await all.worker.step();
    for (const command of [backfill(1), backfill(2, { fromBlock: 60, toBlock: 80 })])
      all.commands.push({ kind: 'backfill', command });
    await all.worker.step();
    await all.worker.step();
    expect(saidOf(all.log, backfill(1).commandId).at(-1)).toMatchObject({
      state: 'failed',
      nextBlock: 40,
      reason: 'no endpoint has blocks 40 to 49 any more',
    });
    expect(saidOf(all.log, backfill(2).commandId).at(-1)?.state).toBe('succeeded');
  });
});
