import { describe, expect, it } from '@jest/globals';
import { parseStatusRecord, type AuditCommand, type AuditCommandStatus } from '@hybrid-sync/domain';
import { revocation } from '../../../libs/ingest/src/testing/simulated-chain.js';
import { topics } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { auditingOn, forgetState, freshAuditing, grownLocks, hide, type Auditing } from './testing/auditing.js';

describe('an audit by command', () => {
  const commandId = '00000000-0000-4000-8000-000000000001';
  const command: AuditCommand = {
    schemaVersion: 1,
    kind: 'audit',
    commandId,
    requestedAt: '2026-01-01T00:00:00Z',
    requestedBy: 'test',
  };

  function outcomes({ log }: Auditing): readonly Omit<AuditCommandStatus, 'commandId'>[] {
    return log.records(topics.status).flatMap(({ key, value }) => {
      const parsed = parseStatusRecord(key, value);
      if (parsed.kind !== 'audit') return [];
      const { state, audit, reason } = parsed.status;
      return [{ state, audit, reason }];
    });
  }

  it('compares every lock, says what it has found, and is run once', async () => {
    const all = await freshAuditing(grownLocks(200));
    await all.passAndAudit();
    all.commands.push({ kind: 'audit', command });
    await all.settle();
    const audit = { blockNumber: 136, locks: 3, mismatched: 0, mismatches: [], finding: null };
    const expected = [
      { state: 'running', audit: null, reason: null },
      { state: 'succeeded', audit, reason: null },
    ];
    expect(outcomes(all)).toEqual(expected);
    await all.settle();
    const again = auditingOn(await all.restarted());
    again.commands.push({ kind: 'audit', command });
    await again.passAndAudit();
    expect(outcomes(again)).toEqual(expected);
  });

  it('has its outcome only once the chain was read again', async () => {
    const chain = grownLocks(200);
    hide(chain, revocation(10));
    const all = await freshAuditing(chain);
    all.commands.push({ kind: 'audit', command });
    await all.passAndAudit();
    expect(outcomes(all)).toMatchObject([{ state: 'running' }, { state: 'succeeded', audit: { mismatched: 0 } }]);
  });

  it('goes on in another process where the first one ended', async () => {
    const all = await freshAuditing(grownLocks(200));
    await all.passAndAudit();
    await all.ingester.writer.auditStatus({ commandId, state: 'running', audit: null, reason: null });
    const again = auditingOn(await all.restarted());
    again.commands.push({ kind: 'audit', command });
    await again.settle();
    expect(outcomes(again).at(-1)).toMatchObject({ state: 'succeeded' });
  });

  it('fails with its reason where no endpoint can tell', async () => {
    const chain = grownLocks(200);
    forgetState(chain);
    const all = await freshAuditing(chain);
    await all.pass();
    all.commands.push({ kind: 'audit', command });
    await all.settle();
    expect(outcomes(all).at(-1)).toEqual({
      state: 'failed',
      audit: null,
      reason: 'no endpoint gives what the contract counts',
    });
  });

  it('is not taken up after it has expired', async () => {
    const all = await freshAuditing(grownLocks(200));
    await all.passAndAudit();
    const expiresAt = '2020-01-01T00:00:00Z';
    all.log.now = Date.parse('2020-01-01T00:00:01Z');
    await all.pass();
    await all.ingester.view.caughtUp();
    all.commands.push({ kind: 'audit', command: { ...command, expiresAt } });
    await all.settle();
    expect(outcomes(all)).toEqual([{ state: 'failed', audit: null, reason: `the command expired at ${expiresAt}` }]);
  });
});
