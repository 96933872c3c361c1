import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeBackfillCommand, encodeBackfillStatus, type BackfillStatus } from './backfill.js';
import { parseCommandRecord, parseStatusRecord } from './status-record.js';
import { anyCount, anyOffsets, encodeUtf8 } from './testing/arbitraries.js';
import { changed } from './testing/wire.js';

const commandId = '0b8e6a52-43b5-4a6b-9a3c-1f4e1f3f7d10';
const backfill: BackfillStatus = {
  commandId,
  state: 'running',
  fromBlock: 100,
  toBlock: 200,
  nextBlock: 150,
  published: 3,
  retracted: 1,
  offsets: new Map([[0, 12]]),
  reason: null,
};
const command = { commandId, fromBlock: 100, toBlock: 200, requestedAt: '2023-11-14T22:13:20Z', requestedBy: 'ops' };

describe('a backfill status on the topic', () => {
  it('is this very text', () => {
    expect(encodeBackfillStatus(backfill)).toBe(
      `{"schemaVersion":1,"kind":"backfill","commandId":"${commandId}","state":"running","fromBlock":100,` +
        '"toBlock":200,"nextBlock":150,"published":3,"retracted":1,"offsets":{"0":12},"reason":null}',
    );
  });

  it('is read back as the status it was written from', () => {
    fc.assert(
      fc.property(anyBackfill, (any) => {
        expect(parseStatusRecord(encodeUtf8(any.commandId), encodeUtf8(encodeBackfillStatus(any)))).toMatchObject({
          kind: 'backfill',
          status: any,
        });
      }),
    );
  });
});

describe('a backfill command', () => {
  it('is this very text', () => {
    expect(encodeBackfillCommand(command)).toBe(
      `{"schemaVersion":1,"kind":"backfill","commandId":"${commandId}","fromBlock":100,"toBlock":200,` +
        '"requestedAt":"2023-11-14T22:13:20Z","requestedBy":"ops"}',
    );
  });

  it('is read back as the command it was written from, also without a range', () => {
    const { fromBlock, toBlock, ...whole } = command;
    for (const any of [command, whole, { ...whole, fromBlock }, { ...whole, toBlock }]) {
      const parsed = parse(commandId, encodeBackfillCommand(any));
      expect(parsed).toEqual({ kind: 'backfill', command: { schemaVersion: 1, kind: 'backfill', ...any } });
    }
  });

  it.each([
    ['fromBlock', -1],
    ['toBlock', 'latest'],
    ['requestedAt', 'now'],
    ['requestedBy', 'x'.repeat(201)],
    ['commandId', '7'],
    ['kind', 'audit'],
    ['surplus', 1],
  ])('is malformed where %s is %p', (field, value) => {
    expect(parse(commandId, changed(encodeBackfillCommand(command), field, value)).kind).toBe('malformed');
  });
});

const anyBackfill: fc.Arbitrary<BackfillStatus> = fc.record({
  commandId: fc.uuid(),
  state: fc.constantFrom('running' as const, 'succeeded' as const, 'failed' as const),
  fromBlock: anyCount,
  toBlock: anyCount,
  nextBlock: anyCount,
  published: anyCount,
  retracted: anyCount,
  offsets: anyOffsets,
  reason: fc.option(fc.string()),
});

function parse(key: string, value: string): ReturnType<typeof parseCommandRecord> {
  return parseCommandRecord(encodeUtf8(key), encodeUtf8(value));
}
