import { describe, expect, it } from '@jest/globals';
import { encodeEntry } from '@hybrid-sync/domain';
import type { StoredLetter } from '@hybrid-sync/store';
import fc from 'fast-check';
import { signatureEntry } from '../../../libs/domain/src/testing/entries.js';
import { letterTable } from './letter-table.js';
import { letterLines, letterView } from './letter-view.js';
import { storedLetter } from './testing/letters.js';

const entries = 'sepolia.signature-entries.v1';

const linesOf = (fields: Partial<StoredLetter>): string => letterLines(letterView(storedLetter(fields))).join('\n');

describe('a dead letter as people see it', () => {
  it('shows the record as it came, why it is here and what became of it', () => {
    expect(letterLines(letterView(storedLetter()))).toEqual([
      'letter        sepolia.signature-revocations.v1/3/77',
      'incarnation   abc',
      'reason        lockId: is required',
      'met           2026-11-23T13:07:32.123Z',
      'key           1-0xab',
      'value         {"kind":"revoked"}',
      'header source realtime',
      'state         unresolved',
    ]);
    const resolved = { resolution: 'dismissed', resolvedBy: 'ann', resolvedAt: new Date(0), note: 'noise' };
    expect(letterLines(letterView(storedLetter(resolved))).slice(-2)).toEqual([
      'state         dismissed by ann at 1970-01-01T00:00:00.000Z',
      'note          noise',
    ]);
  });

  it('tells bytes that are not there from empty ones', () => {
    expect(linesOf({ key: null, value: Buffer.alloc(0) })).toMatch(/key {11}none\nvalue {9}\n/);
  });

  it('has bytes in base64 that are no text, or that could steer a terminal', () => {
    for (const bytes of [Buffer.from([0xff]), Buffer.from('\u001b[2J'), Buffer.from('\u202e'), Buffer.from('a\r')]) {
      expect(letterView(storedLetter({ value: bytes })).value).toEqual({ base64: bytes.toString('base64') });
    }
  });

  it('never writes a character that could steer a terminal, whatever a stranger wrote', () => {
    const anyText = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.uint8Array(), anyText, anyText, (bytes, reason, name) => {
        const headers = { [name]: Buffer.from(bytes).toString('base64') };
        const letter = storedLetter({ key: bytes, value: bytes, reason, headers, revocationKey: null });
        const shown = [...letterLines(letterView(letter)), ...letterTable([letterView(letter)])].join('\n');
        expect(shown).not.toMatch(/[^\P{Cc}\n\t]/u);
      }),
    );
  });

  it('sets further lines in, so that a record cannot pretend to be more than a value', () => {
    expect(linesOf({ value: Buffer.from('{\nstate resolved}') })).toContain(
      'value         {\n              state resolved}',
    );
  });
});

describe('a dead letter of the entries topic', () => {
  const secret = 'the secret signature';
  const entry = signatureEntry({ signature: secret, message: `signed: ${secret}`, metadata: { of: secret } });
  const value = Buffer.from(encodeEntry(entry));
  const seen = (fields: Partial<StoredLetter>): string =>
    JSON.stringify(letterView(storedLetter({ topic: entries, revocationKey: null, headers: {}, ...fields })));

  it('shows what the entry is about, and nothing that may be a signature', () => {
    const shown = seen({ key: Buffer.from(entry.entryId), value });
    expect(shown).toContain(entry.entryId);
    expect(shown).toContain('12345');
    expect(shown).not.toContain('secret');
  });

  it.each([
    ['no JSON', Buffer.from(secret)],
    ['a list', Buffer.from(JSON.stringify([secret]))],
    ['a text', Buffer.from(JSON.stringify(secret))],
    ['a field of another name', Buffer.from(JSON.stringify({ Signature: secret, [secret]: 1 }))],
    ['a field of the wrong type', Buffer.from(JSON.stringify({ owner: secret, lockId: secret, kind: secret }))],
    ['a field inside of another one', Buffer.from(JSON.stringify({ owner: { signature: secret } }))],
  ])('holds back the value where it is %s', (_, wrong) => {
    expect(seen({ value: wrong })).not.toContain('secret');
    expect(seen({ value: wrong })).not.toContain(wrong.toString('base64'));
  });

  it('holds back a key that is no entry id, and every header', () => {
    const headers = { signature: Buffer.from(secret).toString('base64') };
    const shown = seen({ key: Buffer.from(secret), headers });
    expect(shown).not.toContain('secret');
    expect(shown).not.toContain(headers.signature);
    expect(shown).toContain(`"withheldBytes":${secret.length}`);
  });
});

describe('the table of dead letters', () => {
  it('has one line for each, in columns', () => {
    const key = `12345-0x${'ab'.repeat(32)}`;
    const views = [
      storedLetter({ revocationKey: key, reason: 'x'.repeat(200) }),
      storedLetter({ offset: 1234, key: null, revocationKey: null, resolution: 'dismissed', resolvedAt: new Date(0) }),
    ].map(letterView);
    const [heading, first, second] = letterTable(views);
    expect(heading).toMatch(/^LETTER +MET +KEY +STATE +REASON$/);
    expect(first).toContain(`${key}  unresolved  ${'x'.repeat(79)}…`);
    expect(second).toMatch(/1234 +2026-11-23T13:07:32.123Z +none +dismissed +lockId: is required$/);
    expect(second?.indexOf('dismissed')).toBe(first?.indexOf('unresolved'));
  });
});
