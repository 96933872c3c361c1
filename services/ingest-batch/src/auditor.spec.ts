import { describe, expect, it } from '@jest/globals';
import { RpcError } from '@hybrid-sync/chain';
import { hashOf, lockIdOf, revocationLog } from '../../../libs/domain/src/testing/arbitraries.js';
import { revocation, SimulatedChain } from '../../../libs/ingest/src/testing/simulated-chain.js';
import { linesOf, liveOn, topics } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import {
  auditingOn,
  auditsSaid,
  forgetState,
  freshAuditing,
  grownLocks,
  hide,
  requestsOf,
} from './testing/auditing.js';
import { lastSaid } from './testing/batching.js';

const mismatchLine = 'error: audit mismatch: "not revoked" is unknown until it is mended';

describe('the first audit', () => {
  it('is pending while the history is read, and then compares every lock', async () => {
    const all = await freshAuditing(grownLocks(200));
    await all.pass();
    expect(new Set(auditsSaid(all))).toEqual(new Set(['pending']));
    await all.settle();
    expect(lastSaid(all).audit).toEqual({ blockNumber: 136, locks: 3, mismatched: 0, mismatches: [], finding: null });
    expect(all.logged).toEqual([]);
  });

  it('does not count what is not final yet', async () => {
    const all = await freshAuditing(grownLocks(70));
    expect(await all.passAndAudit()).toMatchObject({ blockNumber: 6, mismatched: 0 });
  });

  it('waits for a final block above the start block, and keeps no answer back meanwhile', async () => {
    const chain = new SimulatedChain();
    chain.mineBlocks(11);
    const all = await freshAuditing(grownLocks(70, chain), 12);
    expect(await all.passAndAudit()).toBeNull();
    grownLocks(200, all.chain);
    expect(await all.passAndAudit()).toMatchObject({ blockNumber: 136, mismatched: 0 });
  });

  it('is given up where no endpoint has the state, and keeps no answer back', async () => {
    const chain = grownLocks(200);
    forgetState(chain);
    const all = await freshAuditing(chain);
    expect(await all.passAndAudit()).toBeNull();
    expect(all.logged).toEqual(['warn: audit not possible']);
  });

  it('is tried again where an endpoint is only away', async () => {
    const all = await freshAuditing(grownLocks(200));
    let isAway = true;
    all.chain.before = (request) => {
      if (request === 'revocationCount' && isAway) throw new RpcError('unreachable', 'eth_call', 'gone');
    };
    await all.pass();
    for (let failed = 0; failed < 3; failed += 1) await all.auditor.step();
    expect(lastSaid(all).audit).toBe('pending');
    isAway = false;
    await all.settle();
    expect(lastSaid(all).audit).toMatchObject({ mismatched: 0 });
    expect(all.logged).toEqual(['warn: audit failed', 'warn: audit failed', 'warn: audit failed']);
  });

  it('is given up where every endpoint stays away, and made after the next pass', async () => {
    const all = await freshAuditing(grownLocks(200));
    all.chain.before = (request) => {
      if (request === 'revocationCount') throw new RpcError('unreachable', 'eth_call', 'gone');
    };
    expect(await all.passAndAudit()).toBeNull();
    all.chain.before = () => undefined;
    expect(await all.passAndAudit()).toMatchObject({ mismatched: 0 });
  });
});

describe('a later audit', () => {
  it('compares the locks that were touched, until what touched them is final', async () => {
    const all = await freshAuditing(grownLocks(200));
    await all.passAndAudit();
    // What was above the finalized block is counted once it is final itself.
    all.chain.mineBlocks(65);
    await all.passAndAudit();
    all.chain.requests.splice(0);
    all.chain.mine([revocation(999)]);
    expect(await all.passAndAudit()).toMatchObject({ locks: 1, mismatched: 0 });
    all.chain.mineBlocks(65);
    expect(await all.passAndAudit()).toMatchObject({ blockNumber: 267, locks: 1, mismatched: 0 });
    expect(requestsOf(all, 'revocationCount')).toBe(2);
    all.chain.mineBlocks(65);
    await all.passAndAudit();
    expect(requestsOf(all, 'revocationCount')).toBe(2);
  });

  it('keeps the last result where the endpoints have no state any more', async () => {
    const all = await freshAuditing(grownLocks(200));
    const before = await all.passAndAudit();
    forgetState(all.chain);
    grownLocks(300, all.chain);
    expect(await all.passAndAudit()).toEqual(before);
    expect(lastSaid(all).coverage?.coveredTo).toBe(300);
  });
});

describe('a revocation that an endpoint leaves out', () => {
  it('is found by the counts and mended by receipts; until then "not revoked" is in doubt', async () => {
    const chain = grownLocks(200);
    hide(chain, revocation(10));
    const all = await freshAuditing(chain);
    expect(await all.passAndAudit()).toMatchObject({ mismatched: 0, finding: null });
    expect(auditsSaid(all)).toEqual([
      'pending',
      expect.objectContaining({
        mismatches: [{ lockId: 2n, onContract: 15, onTopic: 14 }],
        finding: 'the endpoints leave out logs of lock 2',
      }),
      expect.objectContaining({ mismatched: 0 }),
    ]);
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
    const [mended] = all.log.records(topics.revocations).slice(-1);
    expect(String(mended?.headers['source'])).toBe('batch');
    expect(all.logged).toEqual([
      'warn: audit mismatch, the chain is read again',
      'info: chain read again for an audit',
      'info: audit clean again',
    ]);
  });

  it('is not said to be mended to whoever has not applied what mends it', async () => {
    const chain = grownLocks(200);
    hide(chain, revocation(10));
    const all = await freshAuditing(chain);
    await all.passAndAudit();
    const [mended] = all.log.records(topics.revocations).slice(-1);
    if (mended === undefined) throw new Error('nothing was written');
    expect(lastSaid(all).coverage?.offsets.get(mended.partition)).toBeGreaterThan(mended.offset);
  });

  it('stays said, is told once and looked for once where it cannot be found', async () => {
    const chain = grownLocks(200);
    hide(chain, revocation(10), true);
    const all = await freshAuditing(chain);
    expect(await all.passAndAudit()).toMatchObject({ mismatched: 1 });
    const reads = requestsOf(all, 'logsOfRange');
    for (const head of [300, 400]) {
      grownLocks(head, chain);
      await all.pass();
      expect(lastSaid(all).audit).toMatchObject({ mismatched: 1 });
      expect(await all.passAndAudit()).toMatchObject({ mismatched: 1, blockNumber: head - 64 });
    }
    expect(requestsOf(all, 'logsOfRange') - reads).toBeLessThan(25);
    expect(all.logged.filter((line) => line === mismatchLine)).toHaveLength(1);
  });

  it('is found again after a restart, and clears once an endpoint gives it', async () => {
    const chain = grownLocks(200);
    const read = chain.logsOfRange.bind(chain);
    hide(chain, revocation(10), true);
    const all = await freshAuditing(chain);
    await all.passAndAudit();
    chain.logsOfRange = read;
    const again = auditingOn(await all.restarted());
    expect(await again.passAndAudit()).toMatchObject({ mismatched: 0 });
    expect(liveOn(again.log)).toEqual(linesOf(chain.logsFrom(0)));
  });
});

describe('a record that the chain does not have', () => {
  it('is found by the counts and taken back', async () => {
    const all = await freshAuditing(grownLocks(200));
    const { hash } = all.chain.at(50);
    const position = { blockNumber: 50, blockHash: hash, logIndex: 3 };
    const invented = revocationLog({ lockId: lockIdOf(2), signatureHash: hashOf(0xbad), ...position });
    const origin = { source: 'batch', finality: 'finalized' } as const;
    await all.pass();
    await all.ingester.writer.reconciled({ publish: [invented], retract: [] }, origin);
    await all.settle();
    expect(lastSaid(all).audit).toMatchObject({ mismatched: 0 });
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
  });

  it('is a revocation taken back by mistake where the contract holds it: it is published again', async () => {
    const all = await freshAuditing(grownLocks(200));
    await all.passAndAudit();
    const [log] = all.chain.logsFrom(30);
    if (log === undefined) throw new Error('there is no log');
    const origin = { source: 'realtime', finality: 'included' } as const;
    await all.ingester.writer.reconciled({ publish: [], retract: [{ ...log, reason: 'reorg' }] }, origin);
    await all.ingester.view.caughtUp();
    all.auditor.touched('backfill');
    await all.settle();
    expect(liveOn(all.log)).toEqual(linesOf(all.chain.logsFrom(0)));
  });
});

describe('what cannot be mended', () => {
  it('is a start block after revocations: found at once, and the chain is not read again', async () => {
    const all = await freshAuditing(grownLocks(200), 31);
    await all.pass();
    all.chain.requests.splice(0);
    await all.settle();
    expect(lastSaid(all).audit).toMatchObject({
      mismatched: 3,
      finding: "START_BLOCK is later than the contract's deployment: revocations before block 31 are not mirrored",
    });
    expect(requestsOf(all, 'logsOfRange')).toBe(0);
    expect(all.logged).toEqual([mismatchLine]);
  });

  it('is a start block after all revocations: locks that the topic does not know are found by their usual ids', async () => {
    const chain = grownLocks(100);
    chain.mineBlocks(100);
    const all = await freshAuditing(chain, 110);
    expect(await all.passAndAudit()).toMatchObject({
      locks: 3,
      mismatched: 3,
      finding: expect.stringContaining('START_BLOCK'),
    });
  });

  it('is a contract that counts and emits nothing: another generation', async () => {
    const chain = grownLocks(200);
    const read = chain.logsOfRange.bind(chain);
    chain.logsOfRange = async (range) => ({ ...(await read(range)), logs: [] });
    chain.logsOfBlock = () => Promise.resolve({ logs: [], proof: 'receipts' });
    const all = await freshAuditing(chain);
    const expected = { mismatched: 3, finding: expect.stringContaining('another generation of the contract') };
    expect(await all.passAndAudit()).toMatchObject(expected);
    grownLocks(300, chain);
    all.chain.requests.splice(0);
    expect(await all.passAndAudit()).toMatchObject({ ...expected, blockNumber: 236 });
    expect(requestsOf(all, 'logsOfRange')).toBeLessThan(15);
  });
});
