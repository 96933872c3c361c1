import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeAuditCommand, encodeAuditCommandStatus } from './audit-command.js';
import { encodeBackfillCommand, encodeBackfillStatus } from './backfill.js';
import { encodeRebuildCommand } from './rebuild-command.js';
import { parseCommandRecord, parseStatusRecord } from './status-record.js';
import { encodeComponentStatus } from './sync-status.js';
import { anyBytes, encodeUtf8, hashOf, identity, plainClaims } from './testing/arbitraries.js';

const commandId = '0b8e6a52-43b5-4a6b-9a3c-1f4e1f3f7d10';
const otherId = '1b8e6a52-43b5-4a6b-9a3c-1f4e1f3f7d10';
const block = { number: 200, hash: hashOf(200), timestamp: 1_700_000_000 };
const componentStatus = encodeComponentStatus({
  component: 'ingest-realtime',
  deployment: { ...identity, startBlock: 100, startBlockHash: hashOf(100) },
  head: block,
  finalized: block,
  syncing: true,
  coverage: null,
  finalityViolation: null,
  ...plainClaims,
});
const backfillStatus = encodeBackfillStatus({
  commandId,
  state: 'failed',
  fromBlock: 100,
  toBlock: 200,
  nextBlock: 150,
  published: 0,
  retracted: 0,
  offsets: new Map(),
  reason: 'no endpoint answers',
});
const audit = { blockNumber: 136, locks: 2, mismatched: 0, mismatches: [], finding: null };
const auditStatus = encodeAuditCommandStatus({ commandId, state: 'succeeded', audit, reason: null });
const auditCommand = encodeAuditCommand({ commandId, requestedAt: '2023-11-14T22:13:20Z', requestedBy: 'ops' });
const rebuildCommand = encodeRebuildCommand({ commandId, requestedAt: '2023-11-14T22:13:20Z', requestedBy: 'ops' });
const command = encodeBackfillCommand({ commandId, requestedAt: '2023-11-14T22:13:20Z', requestedBy: 'ops' });

describe('the status topic', () => {
  it('holds statuses of components, backfills and audits under their own keys', () => {
    expect(parseStatus('ingest-realtime', componentStatus)).toMatchObject({ kind: 'component' });
    expect(parseStatus(commandId, backfillStatus)).toMatchObject({ kind: 'backfill', status: { commandId } });
    expect(parseStatus(commandId, auditStatus)).toEqual({
      kind: 'audit',
      status: { schemaVersion: 1, kind: 'audit', commandId, state: 'succeeded', audit, reason: null },
    });
  });

  it('refuses a record under the key of another component or command', () => {
    const refused = { kind: 'malformed', reason: 'the key does not belong to the value' };
    expect(parseStatus('ingest-batch', componentStatus)).toEqual(refused);
    expect(parseStatus(commandId, componentStatus)).toEqual(refused);
    expect(parseStatus(otherId, backfillStatus)).toEqual(refused);
    expect(parseStatus(otherId, auditStatus)).toEqual(refused);
    expect(parseStatusRecord(null, encodeUtf8(componentStatus))).toEqual(refused);
    expect(parseStatusRecord(Uint8Array.of(0xff), encodeUtf8(componentStatus))).toEqual(refused);
  });

  it('refuses a tombstone and a command', () => {
    expect(parseStatusRecord(encodeUtf8(commandId), null).kind).toBe('malformed');
    expect(parseStatus(commandId, command).kind).toBe('malformed');
  });
});

describe('the commands topic', () => {
  it('holds commands under their own ids', () => {
    expect(parseCommand(commandId, command)).toMatchObject({ kind: 'backfill', command: { commandId } });
    expect(parseCommand(commandId, auditCommand)).toMatchObject({ kind: 'audit', command: { commandId } });
    expect(parseCommand(commandId, rebuildCommand)).toMatchObject({ kind: 'rebuild', command: { commandId } });
  });

  it('refuses a command under another key', () => {
    const refused = { kind: 'malformed', reason: 'the key does not belong to the value' };
    expect(parseCommand(otherId, command)).toEqual(refused);
    expect(parseCommand(otherId, auditCommand)).toEqual(refused);
    expect(parseCommand(otherId, rebuildCommand)).toEqual(refused);
    expect(parseCommandRecord(null, encodeUtf8(command))).toEqual(refused);
  });

  it('refuses a tombstone and a status', () => {
    expect(parseCommandRecord(encodeUtf8(commandId), null).kind).toBe('malformed');
    expect(parseCommand(commandId, backfillStatus).kind).toBe('malformed');
    expect(parseCommand(commandId, auditStatus).kind).toBe('malformed');
  });
});

describe('both topics', () => {
  it('never make a parser throw, whatever bytes they hold', () => {
    fc.assert(
      fc.property(fc.option(anyBytes), fc.option(anyBytes), (key, value) => {
        expect(parseStatusRecord(key, value).kind).toBe('malformed');
        expect(parseCommandRecord(key, value).kind).toBe('malformed');
      }),
    );
  });
});

function parseStatus(key: string, value: string): ReturnType<typeof parseStatusRecord> {
  return parseStatusRecord(encodeUtf8(key), encodeUtf8(value));
}

function parseCommand(key: string, value: string): ReturnType<typeof parseCommandRecord> {
  return parseCommandRecord(encodeUtf8(key), encodeUtf8(value));
}
