import { describe, expect, it } from '@jest/globals';
import { revocationKey, type BackfillCommand, type BackfillStatus } from '@hybrid-sync/domain';
import { revocation } from '../../../libs/ingest/src/testing/simulated-chain.js';
import { linesOf, liveOn, saidOf, topics } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { runBackfill } from './backfill.js';
import { backfill, batchingOn, grownChain, options, type Batching } from './testing/batching.js';

async function run(all: Batching, command: BackfillCommand): Promise<BackfillStatus> {
  await all.ingester.view.caughtUp();
  const status = all.ingester.view.backfill(command.commandId);
  await runBackfill(all.ingester, { command, status }, options);
  return lastSaidOf(all, command);
}

function lastSaidOf(all: Batching, { commandId }: BackfillCommand): BackfillStatus {
  const last = saidOf(all.log, commandId).at(-1);
  if (last === undefined) throw new Error('nothing was said');
  return last;
}

/** After a first pass. */
async function synced(head: number, startBlock = 0): Promise<Batching> {
  const all = await batchingOn(grownChain(head), undefined, startBlock);
  await all.pass();
  return all;
}

/** A record that somebody else wrote: the log of another chain that never was. */
async function invent(all: Batching, block: number, number: number): Promise<void> {
  const elsewhere = grownChain(block - 1);
  elsewhere.mine([revocation(number)]);
  const other = await batchingOn(elsewhere, all.log, 0);
  const found = { publish: elsewhere.logsFrom(block), retract: [] };
  await other.ingester.writer.reconciled(found, { source: 'batch', finality: 'included' });
  all.log.deliver();
}

describe('a backfill', () => {
  it('publishes every canonical log again', async () => {
    const all = await synced(200);
    const before = all.log.records(topics.revocations).length;
    const status = await run(all, backfill(1));
    expect(all.log.records(topics.revocations)).toHaveLength(2 * before);
    expect(status).toMatchObject({ state: 'succeeded', fromBlock: 0, toBlock: 200, nextBlock: 201, published: before });
    expect(status.retracted).toBe(0);
    const sources = all.log
      .records(topics.revocations)
      .slice(before)
      .map(({ headers }) => String(headers['source']));
    expect(new Set(sources)).toEqual(new Set(['force-sync']));
  });

  it('publishes again, byte for byte, what is there', async () => {
    const all = await synced(200);
    const before = all.log.latest(topics.revocations);
    await run(all, backfill(1));
    expect(all.log.latest(topics.revocations)).toEqual(before);
  });

  it('takes back what the chain does not have, among final blocks and above', async () => {
    const all = await synced(200);
    await invent(all, 50, 1001);
    await invent(all, 190, 1002);
    expect(liveOn(all.log)).not.toEqual(linesOf(all.chain.logsFrom(0)));
    const status = await run(all, backfill(1));
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
    expect(status.retracted).toBe(2);
  });

  it('heals a key whose record names another block', async () => {
    const all = await synced(200);
    await invent(all, 50, 99);
    await invent(all, 180, 198);
    await run(all, backfill(1));
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
  });

  it('keeps to its range', async () => {
    const all = await synced(200);
    await invent(all, 50, 1001);
    const before = all.log.records(topics.revocations).length;
    const status = await run(all, backfill(1, { fromBlock: 60, toBlock: 150 }));
    const inside = all.chain.logsFrom(60).filter(({ blockNumber }) => blockNumber <= 150).length;
    expect(all.log.records(topics.revocations)).toHaveLength(before + inside);
    expect(status).toMatchObject({ fromBlock: 60, toBlock: 150, published: inside, retracted: 0 });
  });

  it('takes nothing back that has moved above its range', async () => {
    const all = await synced(200);
    await invent(all, 150, 198);
    await run(all, backfill(1, { fromBlock: 140, toBlock: 160 }));
    expect(liveOn(all.log).join('\n')).toContain(revocationKey(revocation(198)));
    await all.pass();
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
  });

  it('begins at the start block and ends at the head at the latest', async () => {
    const all = await synced(100, 12);
    const status = await run(all, backfill(1, { fromBlock: 0, toBlock: 1_000_000 }));
    expect(status).toMatchObject({ state: 'succeeded', fromBlock: 12, toBlock: 100 });
  });

  it.each([
    [{ fromBlock: 101 }, 'above the head'],
    [{ toBlock: 11 }, 'below the start block'],
    [{ fromBlock: 60, toBlock: 59 }, 'empty'],
  ])('fails with a reason when it asks for %j', async (range, reason) => {
    const all = await synced(100, 12);
    const before = all.log.records(topics.revocations).length;
    const status = await run(all, backfill(1, range));
    expect(status.state).toBe('failed');
    expect(status.reason).toContain(reason);
    expect(all.log.records(topics.revocations)).toHaveLength(before);
  });

  it('says how far it is after every acknowledged piece', async () => {
    const all = await synced(200);
    await run(all, backfill(1));
    const said = saidOf(all.log, backfill(1).commandId);
    const next = said.map(({ nextBlock }) => nextBlock);
    expect(next).toEqual(next.toSorted((a, b) => a - b));
    expect(said.length).toBeGreaterThan(10);
    expect(said.map(({ state }) => state).slice(0, -1)).not.toContain('succeeded');
  });
});

describe('a backfill that is cut short', () => {
  it('is taken up by another process at the next block', async () => {
    const all = await synced(200);
    let writes = 0;
    all.log.before = (topic) => {
      if (topic === topics.revocations && (writes += 1) > 5) throw new Error('the process is gone');
    };
    await expect(run(all, backfill(1))).rejects.toThrow('the process is gone');
    all.log.before = () => undefined;
    const { nextBlock, state } = lastSaidOf(all, backfill(1));
    expect([nextBlock, state]).toEqual([50, 'running']);
    const again = await all.restarted();
    again.chain.mineBlocks(10);
    const before = all.log.records(topics.revocations).length;
    const status = await run(again, backfill(1));
    expect(status).toMatchObject({ state: 'succeeded', fromBlock: 0, toBlock: 200, nextBlock: 201 });
    expect(status.published).toBe(all.chain.logsFrom(0).length);
    expect(all.log.records(topics.revocations).length - before).toBe(all.chain.logsFrom(50).length);
  });

  it('leaves no reader of the topic open', async () => {
    const all = await synced(200);
    const before = all.log.openReaders;
    all.chain.logsOfRange = () => Promise.reject(new Error('the chain is away'));
    await expect(run(all, backfill(1))).rejects.toThrow('the chain is away');
    expect(all.log.openReaders).toBe(before);
  });
});
