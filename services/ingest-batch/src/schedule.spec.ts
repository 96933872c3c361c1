import { describe, expect, it } from '@jest/globals';
import type { BackfillCommand, BackfillStatus, Coverage } from '@hybrid-sync/domain';
import { hashOf } from '../../../libs/domain/src/testing/arbitraries.js';
import type { Command } from './commands.js';
import { nextJob, type LastPass, type Situation } from './schedule.js';

const backfillOf = (commandId: string): BackfillCommand => ({
  schemaVersion: 1,
  kind: 'backfill',
  commandId,
  requestedAt: '2026-01-01T00:00:00Z',
  requestedBy: 'test',
});

const commandOf = (commandId: string): Command => ({ kind: 'backfill', command: backfillOf(commandId) });

const statusOf = (commandId: string, state: BackfillStatus['state']): BackfillStatus => ({
  commandId,
  state,
  fromBlock: 1,
  toBlock: 9,
  nextBlock: 5,
  published: 0,
  retracted: 0,
  offsets: new Map(),
  reason: null,
});

const covering = (coveredFrom: number, settledTo: number): Coverage => ({
  coveredFrom,
  coveredTo: settledTo + 10,
  coveredToHash: hashOf(1),
  coveredToTimestamp: 0,
  settledTo,
  offsets: new Map(),
});

const minute = 60_000;

/** Nothing to do. */
const rest: Situation = {
  halted: false,
  commands: [],
  backfill: () => null,
  own: covering(1, 100),
  realtime: covering(90, 100),
  lastPass: { millisecondsAgo: minute, realtimeFrom: 90 },
  passIntervalMs: 15 * minute,
  millisecondsSinceMissing: null,
  brokerTime: Date.parse('2026-01-02T00:00:00Z'),
};

const passed = (millisecondsAgo: number, realtimeFrom: number | null = 90): LastPass => ({
  millisecondsAgo,
  realtimeFrom,
});

const withStatuses = (...statuses: readonly BackfillStatus[]): Pick<Situation, 'backfill'> => ({
  backfill: (commandId) => statuses.find((status) => status.commandId === commandId) ?? null,
});

describe('what ingest-batch does next', () => {
  it('is nothing where nothing is due', () => {
    expect(nextJob(rest)).toEqual({ kind: 'idle' });
  });

  it('is a pass when this process has made none, whatever else waits', () => {
    const first = { ...rest, lastPass: null, commands: [commandOf('a')] };
    expect(nextJob(first)).toEqual({ kind: 'pass', reason: 'first' });
  });

  it('is a pass when the interval is over', () => {
    expect(nextJob({ ...rest, lastPass: passed(15 * minute - 1) }).kind).toBe('idle');
    expect(nextJob({ ...rest, lastPass: passed(15 * minute) })).toEqual({ kind: 'pass', reason: 'due' });
  });

  it('is a due pass before a command, which may fail again and again', () => {
    const both = { ...rest, lastPass: passed(15 * minute), commands: [commandOf('a')] };
    expect(nextJob(both)).toEqual({ kind: 'pass', reason: 'due' });
  });

  it('is a pass at once where realtime coverage has come to begin above what is settled', () => {
    const hole = { ...rest, realtime: covering(102, 200), lastPass: passed(0, 90) };
    expect(nextJob(hole)).toEqual({ kind: 'pass', reason: 'hole' });
    expect(nextJob({ ...hole, lastPass: passed(0, null) })).toEqual({ kind: 'pass', reason: 'hole' });
    expect(nextJob({ ...hole, realtime: covering(101, 200) })).toEqual({ kind: 'idle' });
  });

  it('is a pass, but not at once, where the last one has left the same hole', () => {
    const hole = { ...rest, realtime: covering(102, 200) };
    expect(nextJob({ ...hole, lastPass: passed(5_000, 102) })).toEqual({ kind: 'pass', reason: 'hole' });
    expect(nextJob({ ...hole, lastPass: passed(4_999, 102) })).toEqual({ kind: 'idle' });
    expect(nextJob({ ...hole, own: null, lastPass: passed(5_000, 102) })).toEqual({ kind: 'pass', reason: 'hole' });
  });

  it('is no pass for a minute after one that ended at missing history, while commands go on', () => {
    const stopped = { ...rest, lastPass: null, realtime: covering(102, 200), millisecondsSinceMissing: minute - 1 };
    expect(nextJob(stopped)).toEqual({ kind: 'idle' });
    expect(nextJob({ ...stopped, commands: [commandOf('a')] }).kind).toBe('backfill');
    expect(nextJob({ ...stopped, millisecondsSinceMissing: minute })).toEqual({ kind: 'pass', reason: 'first' });
    expect(nextJob({ ...rest, millisecondsSinceMissing: minute })).toEqual({ kind: 'pass', reason: 'due' });
  });

  it('is the first command that is not done, with how far it is', () => {
    const commands = ['a', 'b', 'c', 'd'].map(commandOf);
    const statuses = [statusOf('a', 'succeeded'), statusOf('b', 'failed'), statusOf('c', 'running')];
    const job = nextJob({ ...rest, commands, ...withStatuses(...statuses) });
    expect(job).toEqual({ kind: 'backfill', command: backfillOf('c'), status: statusOf('c', 'running') });
  });

  it('is a command that nobody has taken up', () => {
    const job = nextJob({ ...rest, commands: [commandOf('d')] });
    expect(job).toEqual({ kind: 'backfill', command: backfillOf('d'), status: null });
  });

  it('is to refuse a command that expired by the clock of the broker, unless it was taken up before', () => {
    const command = { ...backfillOf('d'), expiresAt: '2026-01-01T12:00:00Z' };
    const given = { ...rest, commands: [{ kind: 'backfill', command } as const] };
    const before = { ...given, brokerTime: Date.parse(command.expiresAt) - 1 };
    expect(nextJob(given)).toMatchObject({
      kind: 'refuse',
      commandId: 'd',
      reason: expect.stringContaining('expired'),
    });
    expect(nextJob(before).kind).toBe('backfill');
    expect(nextJob({ ...given, ...withStatuses(statusOf('d', 'running')) }).kind).toBe('backfill');
  });

  it('is to refuse, once, what is no command under the key of one', () => {
    const command = { commandId: 'd', reason: 'the value is not JSON' };
    const given = { ...rest, commands: [{ kind: 'unreadable', command } as const] };
    expect(nextJob(given)).toEqual({ kind: 'refuse', ...command });
    expect(nextJob({ ...given, ...withStatuses(statusOf('d', 'failed')) })).toEqual({ kind: 'idle' });
  });

  it('is a command before a hole', () => {
    expect(nextJob({ ...rest, realtime: null, own: null, commands: [commandOf('d')] }).kind).toBe('backfill');
  });

  it('is nothing while finality is violated', () => {
    const all = { ...rest, halted: true, commands: [commandOf('a')], lastPass: null };
    expect(nextJob(all)).toEqual({ kind: 'idle' });
  });
});
