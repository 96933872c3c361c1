import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeEntry, parseEntryRecord, type ParsedEntryRecord, type SignatureEntry } from './signature-entry.js';
import { addressOf, anyBytes, encodeUtf8, hashOf } from './testing/arbitraries.js';
import { anyEntry, signatureEntry } from './testing/entries.js';
import { changed, fieldsOf } from './testing/wire.js';

const entry = signatureEntry();
const record = encodeEntry(entry);
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const parsedJson = (text: string): unknown => JSON.parse(text);

describe('the value of an entry record', () => {
  it('is this very text', () => {
    expect(record).toBe(
      '{"schemaVersion":1,"kind":"entry","entryId":"0f5f3f6e-8a53-4d2c-9d3b-0c8b7a6e5d41","lockId":"12345",' +
        '"signature":"a signature","publicKey":"0x04ab","owner":"0x0000000000000000000000000000000000000def",' +
        `"message":"open the door","transactionHash":"${hashOf(0x7a)}","blockNumber":1000,` +
        '"timestamp":"2023-11-14T22:13:20.123Z","metadata":{"door":7,"note":null}}',
    );
  });

  it('is this very text where little is known', () => {
    const nothing = { publicKey: null, owner: null, message: null, transactionHash: null, blockNumber: null };
    expect(encodeEntry({ ...entry, ...nothing, metadata: {} })).toBe(
      '{"schemaVersion":1,"kind":"entry","entryId":"0f5f3f6e-8a53-4d2c-9d3b-0c8b7a6e5d41","lockId":"12345",' +
        '"signature":"a signature","publicKey":null,"owner":null,"message":null,"transactionHash":null,' +
        '"blockNumber":null,"timestamp":"2023-11-14T22:13:20.123Z","metadata":{}}',
    );
  });

  it('is byte-identical whatever the order of fields it was made from', () => {
    const reversed = Object.fromEntries(Object.entries(entry).toReversed());
    expect(encodeEntry({ ...entry, ...reversed })).toBe(record);
  });

  it('is read back as the entry it was written from', () => {
    fc.assert(
      fc.property(anyEntry, (any) => {
        expect(parsed(any)).toEqual({ kind: 'record', record: { schemaVersion: 1, kind: 'entry', ...any } });
      }),
    );
  });

  it('always fits in one record of a topic', () => {
    const largest = {
      signature: 's'.repeat(4_096),
      publicKey: '\u0001'.repeat(4_096),
      message: '\u0001'.repeat(65_536),
      metadata: { text: '\u20ac'.repeat(5_400) },
    };
    expect(parsed({ ...entry, ...largest })).toMatchObject({ kind: 'record' });
    expect(encodeUtf8(encodeEntry({ ...entry, ...largest })).length).toBeLessThan(600_000);
  });
});

describe('parsing an entry record', () => {
  it('throws at nothing', () => {
    fc.assert(
      fc.property(fc.option(anyBytes), fc.option(anyBytes), (key, value) => {
        expect(parseEntryRecord(key, value).kind).toBe('malformed');
      }),
    );
  });

  it('wants every field, and no other', () => {
    for (const field of Object.keys(fieldsOf(record))) expect(malformedWith(field, undefined)).toContain(field);
    expect(malformedWith('extra', 1)).toContain('extra');
    expect(malformedWith('__proto__', {})).not.toBeNull();
  });

  it('takes every field with its right value', () => {
    for (const [field, value] of Object.entries(fieldsOf(record))) expect(malformedWith(field, value)).toBeNull();
  });

  it.each([
    ['another version', 'schemaVersion', 2],
    ['another kind', 'kind', 'revoked'],
    ['an id in upper case', 'entryId', entry.entryId.toUpperCase()],
    ['an id that is no UUID', 'entryId', '17'],
    ['a lock id as a number', 'lockId', 12345],
    ['a lock id with leading zeros', 'lockId', '007'],
    ['an empty signature', 'signature', ''],
    ['a signature of 4097 bytes', 'signature', 'é'.repeat(2_048) + 'x'],
    ['a mistyped hash', 'signature', hashOf(1).slice(0, -1)],
    ['a NUL in the signature', 'signature', 'a\0b'],
    ['a lone surrogate in the signature', 'signature', 'a\ud800'],
    ['an empty public key', 'publicKey', ''],
    ['a public key of 4097 bytes', 'publicKey', 'x'.repeat(4_097)],
    ['a NUL in the public key', 'publicKey', '\0'],
    ['an owner with a checksum', 'owner', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
    ['an owner that is none', 'owner', addressOf(1).slice(1)],
    ['a NUL in the message', 'message', 'a\0'],
    ['a lone surrogate in the message', 'message', '\udc00'],
    ['a message of 64 KiB and one byte', 'message', 'é'.repeat(32_768) + 'x'],
    ['a transaction hash in upper case', 'transactionHash', `0x${'AB'.repeat(32)}`],
    ['a block number as text', 'blockNumber', '1000'],
    ['a negative block number', 'blockNumber', -1],
    ['a time in seconds', 'timestamp', 1_700_000_000],
    ['a time without milliseconds', 'timestamp', '2023-11-14T22:13:20Z'],
    ['a time of another zone', 'timestamp', '2023-11-14T22:13:20.123+01:00'],
    ['a time before 1970', 'timestamp', '0000-01-01T00:00:00.000Z'],
    ['a day that is none', 'timestamp', '2023-02-30T00:00:00.000Z'],
    ['metadata that is no object', 'metadata', []],
    ['metadata that is not there', 'metadata', null],
    ['a NUL in metadata', 'metadata', { a: ['\0'] }],
    ['a NUL in the name of a field', 'metadata', { 'a\0': 1 }],
    ['a lone surrogate in metadata', 'metadata', { a: { b: '\ud800' } }],
    ['metadata above 16 KiB', 'metadata', { a: 'x'.repeat(16_384) }],
    ['metadata in 21 layers', 'metadata', { a: parsedJson(nested(20)) }],
  ])('refuses %s, and names the field', (_, field, value) => {
    expect(malformedWith(field, value)).toContain(field);
  });

  it.each([
    ['a field __proto__', '{"__proto__":1}'],
    ['one inside', '{"a":{"__proto__":1}}'],
    ['a number that is too large', '{"a":1e999}'],
    ['thousands of layers', `{"a":${nested(8_000)}}`],
  ])('refuses %s in metadata', (_, metadata) => {
    const value = record.replace(/"metadata":.*$/, `"metadata":${metadata}}`);
    expect(reasonOf(parse(entry.entryId, value))).toContain('metadata');
  });

  it('takes what is just small enough', () => {
    const small = { signature: 'é'.repeat(2_048), publicKey: 'x'.repeat(4_096), message: 'é'.repeat(32_768) };
    const metadata = { a: 'x'.repeat(16_384 - '{"a":""}'.length) };
    expect(parsed({ ...entry, ...small, metadata })).toMatchObject({ kind: 'record' });
    expect(malformedWith('metadata', { a: parsedJson(nested(19)) })).toBeNull();
  });

  it('takes the hash in place of the signature', () => {
    expect(parsed({ ...entry, signature: hashOf(7) })).toMatchObject({ kind: 'record' });
  });

  it('wants the id of the entry as its key', () => {
    const other = 'd8b5cbd6-3c0e-4d8e-8d7f-3f0b6a1c2e9a';
    for (const key of [null, '', other, ` ${entry.entryId}`]) {
      const reason = 'the key is not the id of the entry';
      expect(parse(key, record)).toEqual({ kind: 'malformed', reason });
    }
  });

  it('takes no record without a value', () => {
    expect(parse(entry.entryId, null)).toEqual({ kind: 'malformed', reason: 'the value is not JSON' });
  });

  it('repeats nothing of the signature in its reasons', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (secret) => {
        fc.pre(!/^[\w ]*$/.test(secret));
        const value = encodeEntry({ ...entry, signature: `${secret}\0` });
        const outcome = parse(entry.entryId, value);
        expect(outcome.kind === 'malformed' && !outcome.reason.includes(secret)).toBe(true);
      }),
    );
  });
});

function parse(key: string | null, value: string | null): ParsedEntryRecord {
  return parseEntryRecord(key === null ? null : encodeUtf8(key), value === null ? null : encodeUtf8(value));
}

function parsed(any: SignatureEntry): ParsedEntryRecord {
  return parse(any.entryId, encodeEntry(any));
}

/** Null where the record is well-formed all the same. */
function malformedWith(field: string, value: unknown): string | null {
  return reasonOf(parse(entry.entryId, changed(record, field, value)));
}

function reasonOf(outcome: ParsedEntryRecord): string | null {
  return outcome.kind === 'malformed' ? outcome.reason : null;
}
