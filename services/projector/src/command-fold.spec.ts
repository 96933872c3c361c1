import { describe, expect, it } from '@jest/globals';
import { encodeRebuildCommand } from '@hybrid-sync/domain';
import { foldCommands } from './command-fold.js';
import { batchOf, recordsOf, type Written } from './testing/records.js';

const [one, other] = ['0b5d5f2e-3f0c-4a57-9b1a-0d7a1c9d2e11', '2a0e6f2e-3f0c-4a57-9b1a-0d7a1c9d2e12'];
const now = Date.parse('2026-01-01T00:10:00Z');

function command(commandId: string, expiresAt?: string): Written {
  const base = { commandId, requestedAt: '2026-01-01T00:00:00Z', requestedBy: 'test' };
  return { key: commandId, value: encodeRebuildCommand(expiresAt === undefined ? base : { ...base, expiresAt }) };
}

const rebuildsIn = (...written: readonly Written[]): readonly string[] =>
  foldCommands(batchOf(recordsOf(written)), now).rebuilds.map(({ commandId }) => commandId);

describe('the commands of a batch', () => {
  it('are those to rebuild, each once', () => {
    expect(rebuildsIn(command(one), command(other), command(one))).toEqual([one, other]);
  });

  it('are not those of others, and not what nobody can read', () => {
    const backfill = { key: one, value: JSON.stringify({ schemaVersion: 1, kind: 'backfill' }) };
    expect(rebuildsIn(backfill, { key: one, value: 'garbage' }, { key: other, value: command(one).value })).toEqual([]);
  });

  it('expire', () => {
    const written = [command(one, '2026-01-01T00:10:00Z'), command(other, '2026-01-01T00:10:01Z')];
    expect(rebuildsIn(...written)).toEqual([other]);
    expect(foldCommands(batchOf(recordsOf(written)), now).expired).toMatchObject([{ commandId: one }]);
  });
});
