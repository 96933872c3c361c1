import { describe, expect, it } from '@jest/globals';
import { encodeBackfillCommand, encodeRebuildCommand } from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import { Commands, type RejectedCommand } from './commands.js';
import { backfill } from './testing/batching.js';

function record(offset: number, key: string | null, value: string | null): LogRecord {
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
  return { topic: 'c', partition: 0, offset, timestamp: 0, key: bytes(key), value: bytes(value), headers: {} };
}

function given(offset: number, number: number): LogRecord {
  const command = backfill(number);
  return record(offset, command.commandId, encodeBackfillCommand(command));
}

describe('the commands of the topic', () => {
  it('are kept in the order they were given, each once, however often they are read', () => {
    const commands = new Commands(() => undefined);
    const all = [given(0, 2), given(1, 1), given(2, 2)];
    commands.read(all);
    commands.read(all);
    expect(commands.all.map(({ command }) => command)).toEqual([backfill(2), backfill(1)]);
  });

  it('leave out garbage, which is told of once, and unknown fields, which are garbage', () => {
    const told: RejectedCommand[] = [];
    const commands = new Commands((rejected) => told.push(rejected));
    const unknown = JSON.stringify({ ...backfill(1), priority: 1 });
    const all = [record(0, null, 'x'), record(1, 'key', null), record(2, 'other', unknown), given(3, 1)];
    commands.read(all);
    commands.read(all);
    expect(told.map(({ offset }) => offset)).toEqual([0, 1, 2]);
    expect(commands.all.map(({ kind }) => kind)).toEqual(['backfill']);
  });

  it('leave out what the projector is told, without a word', () => {
    const told: RejectedCommand[] = [];
    const commands = new Commands((rejected) => told.push(rejected));
    const { commandId, requestedAt, requestedBy } = backfill(1);
    commands.read([record(0, commandId, encodeRebuildCommand({ commandId, requestedAt, requestedBy })), given(1, 2)]);
    expect(told).toEqual([]);
    expect(commands.all.map(({ command }) => command)).toEqual([backfill(2)]);
  });

  it('keep what is garbage under the key of a command, to be refused under that key', () => {
    const commands = new Commands(() => undefined);
    const { commandId } = backfill(1);
    commands.read([record(0, commandId, '{')]);
    expect(commands.all).toEqual([{ kind: 'unreadable', command: { commandId, reason: expect.any(String) } }]);
  });
});
