import { describe, expect, it } from '@jest/globals';
import type { BackfillCommand, BackfillStatus, Coverage } from '@hybrid-sync/domain';
import { hashOf } from '../../../libs/domain/src/testing/arbitraries.js';
import { nextJob, type Situation } from './schedule.js';

const commandOf = (commandId: string): BackfillCommand => ({
  schemaVersion: 1,
  kind: 'backfill',
  commandId,
  requestedAt: '2026-01-01T00:00:00Z',
  requestedBy: 'test',
});

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
  millisecondsSincePass: minute,
  passIntervalMs: 15 * minute,
};

const withStatuses = (...statuses: readonly BackfillStatus[]): Pick<Situation, 'backfill'> => ({
  backfill: (commandId) => statuses.find((status) => status.commandId === commandId) ?? null,
});

describe('what ingest-batch does next', () => {
  it('is nothing where nothing is due', () => {
    expect(nextJob(rest)).toEqual({ kind: 'idle' });
  });

  it('is a pass when this process has made none, whatever else waits', () => {
    const first = { ...rest, millisecondsSincePass: null, commands: [commandOf('a')] };
    expect(nextJob(first)).toEqual({ kind: 'pass', reason: 'first' });
  });

  it('is a pass when the interval is over', () => {
    expect(nextJob({ ...rest, millisecondsSincePass: 15 * minute - 1 }).kind).toBe('idle');
    expect(nextJob({ ...rest, millisecondsSincePass: 15 * minute })).toEqual({ kind: 'pass', reason: 'due' });
  });

  it('is a due pass before a command, which may fail again and again', () => {
    const both = { ...rest, millisecondsSincePass: 15 * minute, commands: [commandOf('a')] };
    expect(nextJob(both)).toEqual({ kind: 'pass', reason: 'due' });
  });

  it('is a pass, but not at once, where realtime coverage does not join what is settled', () => {
    const hole = { ...rest, realtime: covering(102, 200) };
    expect(nextJob({ ...hole, millisecondsSincePass: 5_000 })).toEqual({ kind: 'pass', reason: 'hole' });
    expect(nextJob({ ...hole, millisecondsSincePass: 4_999 })).toEqual({ kind: 'idle' });
    expect(nextJob({ ...hole, realtime: covering(101, 200) })).toEqual({ kind: 'idle' });
    expect(nextJob({ ...hole, own: null })).toEqual({ kind: 'pass', reason: 'hole' });
  });

  it('is the first command that is not done, with how far it is', () => {
    const commands = ['a', 'b', 'c', 'd'].map(commandOf);
    const statuses = [statusOf('a', 'succeeded'), statusOf('b', 'failed'), statusOf('c', 'running')];
    const job = nextJob({ ...rest, commands, ...withStatuses(...statuses) });
    expect(job).toEqual({ kind: 'backfill', command: commandOf('c'), status: statusOf('c', 'running') });
  });

  it('is a command that nobody has taken up', () => {
    const job = nextJob({ ...rest, commands: [commandOf('d')] });
    expect(job).toEqual({ kind: 'backfill', command: commandOf('d'), status: null });
  });

  it('is a command before a hole', () => {
    expect(nextJob({ ...rest, realtime: null, own: null, commands: [commandOf('d')] }).kind).toBe('backfill');
  });

  it('is nothing while finality is violated', () => {
    const all = { ...rest, halted: true, commands: [commandOf('a')], millisecondsSincePass: null };
    expect(nextJob(all)).toEqual({ kind: 'idle' });
  });
});
