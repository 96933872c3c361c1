import { describe, expect, it } from '@jest/globals';
import { encodeRebuildCommand } from './rebuild-command.js';
import { parseCommandRecord } from './status-record.js';
import { encodeUtf8 } from './testing/arbitraries.js';
import { changed } from './testing/wire.js';

const command = {
  commandId: '0b8e6a52-43b5-4a6b-9a3c-1f4e1f3f7d10',
  requestedAt: '2023-11-14T22:13:20Z',
  requestedBy: 'request-rebuild',
  expiresAt: '2023-11-14T22:23:20Z',
};

function parse(value: string): ReturnType<typeof parseCommandRecord> {
  return parseCommandRecord(encodeUtf8(command.commandId), encodeUtf8(value));
}

describe('a rebuild command', () => {
  it('is what readers have always been given, byte by byte', () => {
    expect(encodeRebuildCommand(command)).toBe(
      '{"schemaVersion":1,"kind":"rebuild","commandId":"0b8e6a52-43b5-4a6b-9a3c-1f4e1f3f7d10",' +
        '"requestedAt":"2023-11-14T22:13:20Z","requestedBy":"request-rebuild","expiresAt":"2023-11-14T22:23:20Z"}',
    );
  });

  it('is read back, with or without the time at which it expires', () => {
    const { expiresAt, ...lasting } = command;
    const common = { schemaVersion: 1, kind: 'rebuild' };
    expect(parse(encodeRebuildCommand(command))).toEqual({
      kind: 'rebuild',
      command: { ...common, ...lasting, expiresAt },
    });
    expect(parse(encodeRebuildCommand(lasting))).toEqual({ kind: 'rebuild', command: { ...common, ...lasting } });
  });

  it.each([
    ['schemaVersion', 2],
    ['commandId', '7'],
    ['requestedAt', 'now'],
    ['requestedBy', 'x'.repeat(201)],
    ['expiresAt', 0],
    ['surplus', 1],
  ])('is malformed where %s is %p', (field, value) => {
    expect(parse(changed(encodeRebuildCommand(command), field, value)).kind).toBe('malformed');
  });
});
