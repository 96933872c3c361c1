import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { revocationKey } from './revocation-key.js';
import { parseRevocationRecord } from './parsed-revocation.js';
import { encodeRetracted, encodeRevoked } from './revocation-record.js';
import {
  addressOf,
  anyBytes,
  anyLog,
  anyRetraction,
  encodeUtf8,
  hashOf,
  identity,
  revocationLog,
} from './testing/arbitraries.js';
import { changed, fieldsOf } from './testing/wire.js';

const log = revocationLog();
const key = revocationKey(log);
const revoked = encodeRevoked(log, identity);
const retracted = encodeRetracted({ ...log, reason: 'reorg' }, identity);

describe('the value of a revoked record', () => {
  it('is this very text', () => {
    expect(revoked).toBe(
      '{"schemaVersion":1,"kind":"revoked","chainId":11155111,"contract":"0x0000000000000000000000000000000000c0ffee",' +
        `"lockId":"12345","signatureHash":"${hashOf(0xabc)}","owner":"${addressOf(0xdef)}",` +
        `"blockNumber":1000,"blockHash":"${hashOf(0x1000)}","blockTimestamp":"2023-11-14T22:13:20Z",` +
        `"transactionHash":"${hashOf(0x7a)}","transactionIndex":3,"logIndex":5,` +
        '"topics":["0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354",' +
        `"${hashOf(12345)}","${hashOf(0xabc)}","${hashOf(0xdef)}"],"data":"0x"}`,
    );
  });

  it('is byte-identical whatever the order of fields it was made from', () => {
    const reversed = Object.fromEntries(Object.entries(log).toReversed());
    expect(encodeRevoked({ ...log, ...reversed }, identity)).toBe(revoked);
  });

  it('is read back as the log it was written from', () => {
    fc.assert(
      fc.property(anyLog, (any) => {
        const record = { schemaVersion: 1, kind: 'revoked', ...identity, ...any };
        const about = revocationKey(any);
        expect(parse(about, encodeRevoked(any, identity))).toEqual({ kind: 'record', key: about, record });
      }),
    );
  });
});

describe('the value of a retracted record', () => {
  it('is this very text', () => {
    expect(retracted).toBe(
      '{"schemaVersion":1,"kind":"retracted","chainId":11155111,"contract":"0x0000000000000000000000000000000000c0ffee",' +
        `"lockId":"12345","signatureHash":"${hashOf(0xabc)}","blockNumber":1000,"blockHash":"${hashOf(0x1000)}",` +
        `"transactionHash":"${hashOf(0x7a)}","logIndex":5,"reason":"reorg"}`,
    );
  });

  it('is read back as the retraction it was written from', () => {
    fc.assert(
      fc.property(anyRetraction, (any) => {
        const record = { schemaVersion: 1, kind: 'retracted', ...identity, ...any };
        const about = revocationKey(any);
        expect(parse(about, encodeRetracted(any, identity))).toEqual({ kind: 'record', key: about, record });
      }),
    );
  });
});

describe('parsing a record', () => {
  it('takes a null value for a tombstone', () => {
    const about = { lockId: log.lockId, signatureHash: log.signatureHash };
    expect(parseRevocationRecord(encodeUtf8(key), null, identity)).toEqual({ kind: 'tombstone', key, identity: about });
  });

  it('says that the key cannot be read', () => {
    const reason = 'the key is not lockId-signatureHash';
    for (const wrong of [
      null,
      Uint8Array.of(0xff),
      encodeUtf8(''),
      encodeUtf8(`0${key}`),
      encodeUtf8(`\ufeff${key}`),
    ]) {
      expect(parseRevocationRecord(wrong, encodeUtf8(revoked), identity)).toEqual({
        kind: 'malformed',
        key: null,
        reason,
      });
      expect(parseRevocationRecord(wrong, null, identity)).toMatchObject({ kind: 'malformed', key: null });
    }
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'not json'],
    ['half a record', revoked.slice(0, 200)],
    ['a byte order mark', `\ufeff${revoked}`],
    ['null', 'null'],
    ['a list', `[${revoked}]`],
    ['a text', JSON.stringify(revoked)],
  ])('refuses %s, and still says whose record it is', (_, value) => {
    expect(parse(key, value)).toEqual({ kind: 'malformed', key, reason: expect.any(String) });
  });

  it.each([
    ['schemaVersion', 2],
    ['schemaVersion', '1'],
    ['kind', 'restored'],
    ['chainId', 1],
    ['chainId', '11155111'],
    ['contract', addressOf(1)],
    ['contract', '0x0000000000000000000000000000000000C0FFEE'],
    ['lockId', 12345],
    ['lockId', '012345'],
    ['lockId', '12346'],
    ['signatureHash', hashOf(0xabd)],
    ['signatureHash', hashOf(0xabc).toUpperCase()],
    ['owner', addressOf(0xdee)],
    ['blockNumber', -1],
    ['blockNumber', 1.5],
    ['blockNumber', '1000'],
    ['blockNumber', 2 ** 53],
    ['blockHash', '0x1000'],
    ['blockTimestamp', 1_700_000_000],
    ['blockTimestamp', '2023-11-14T22:13:20.000Z'],
    ['blockTimestamp', '1969-12-31T23:59:59Z'],
    ['blockTimestamp', '0000-01-01T00:00:00Z'],
    ['transactionHash', null],
    ['transactionIndex', -1],
    ['logIndex', null],
    ['logIndex', 2 ** 31],
    ['topics', log.topics.slice(0, 3)],
    ['topics', [...log.topics, hashOf(1)]],
    ['topics', [hashOf(1), ...log.topics.slice(1)]],
    ['topics', [log.topics[0], hashOf(12346), log.topics[2], log.topics[3]]],
    ['topics', [log.topics[0], log.topics[1], hashOf(0xabd), log.topics[3]]],
    ['topics', [log.topics[0], log.topics[1], log.topics[2], hashOf(0xdee)]],
    ['topics', [log.topics[0], log.topics[1], log.topics[2], hashOf(2n ** 160n + 0xdefn)]],
    ['data', '0x00'],
    ['surplus', true],
    ['__proto__', { polluted: true }],
  ])('refuses a revoked record whose %s is %p', (field, value) => {
    expect(parse(key, changed(revoked, field, value))).toMatchObject({ kind: 'malformed', key });
  });

  it.each([
    ['chainId', 1],
    ['contract', addressOf(1)],
    ['lockId', '12346'],
    ['signatureHash', hashOf(0xabd)],
    ['reason', 'regret'],
    ['owner', addressOf(0xdef)],
    ['blockHash', null],
  ])('refuses a retracted record whose %s is %p', (field, value) => {
    expect(parse(key, changed(retracted, field, value))).toMatchObject({ kind: 'malformed', key });
  });

  it('refuses a record from which any field is missing', () => {
    for (const value of [revoked, retracted]) {
      for (const field of Object.keys(fieldsOf(value))) {
        expect(parse(key, changed(value, field, undefined))).toMatchObject({ kind: 'malformed', key });
      }
    }
  });

  it('refuses the record of another key', () => {
    fc.assert(
      fc.property(anyLog, (other) => {
        fc.pre(revocationKey(other) !== key);
        expect(parse(key, encodeRevoked(other, identity)).kind).toBe('malformed');
        expect(parse(key, encodeRetracted({ ...other, reason: 'reorg' }, identity)).kind).toBe('malformed');
      }),
    );
  });

  it('never throws, whatever bytes it gets', () => {
    const anyKey = fc.oneof(fc.constant(encodeUtf8(key)), anyBytes, fc.constant(null));
    fc.assert(
      fc.property(anyKey, fc.option(anyBytes), (anyKeyBytes, value) => {
        const parsed = parseRevocationRecord(anyKeyBytes, value, identity);
        expect(parsed.kind).toBe(value === null && parsed.key !== null ? 'tombstone' : 'malformed');
      }),
    );
  });

  it('never throws, whatever one field holds, and accepts nothing but what it would write itself', () => {
    const anyField = fc.constantFrom(...Object.keys(fieldsOf(revoked)));
    fc.assert(
      fc.property(anyField, fc.jsonValue(), (field, value) => {
        const parsed = parse(key, changed(revoked, field, value));
        if (parsed.kind !== 'record' || parsed.record.kind !== 'revoked') return;
        expect(fieldsOf(encodeRevoked(parsed.record, identity))).toEqual(fieldsOf(changed(revoked, field, value)));
      }),
    );
  });
});

function parse(keyText: string, value: string): ReturnType<typeof parseRevocationRecord> {
  return parseRevocationRecord(encodeUtf8(keyText), encodeUtf8(value), identity);
}
