import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCanonicalRevoked } from './canonical-revoked.js';
import { revocationKey } from './revocation-key.js';
import { parseAnyRevocationRecord, parseRevocationRecord } from './parsed-revocation.js';
import { encodeRevoked } from './revocation-record.js';
import { anyLog, encodeUtf8, identity, lockIdOf, revocationLog } from './testing/arbitraries.js';
import { changed, fieldsOf } from './testing/wire.js';

const log = revocationLog();
const key = revocationKey(log);
const value = encodeRevoked(log, identity);

/** As the parser that takes any JSON reads it; null where it refuses. */
function parsed(about: string, text: string): unknown {
  const outcome = parseAnyRevocationRecord(about, encodeUtf8(text), identity);
  return outcome.kind === 'record' ? outcome.record : null;
}

/** What must hold of every text: what is read, is read as the parser reads it. */
function expectNeverWrong(about: string, text: string): void {
  const record = readCanonicalRevoked(about, text, identity);
  if (record !== null) expect(record).toStrictEqual(parsed(about, text));
}

describe('the fast reader of revoked records', () => {
  it('reads every record that is published, as the parser does', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), fc.nat({ max: 999_999_999 }), (any, blockNumber, logIndex) => {
        const short = { ...any, blockNumber, logIndex, transactionIndex: any.transactionIndex % 1e15 };
        const [about, text] = [revocationKey(short), encodeRevoked(short, identity)];
        const record = readCanonicalRevoked(about, text, identity);
        expect(record).not.toBeNull();
        expect(record).toStrictEqual(parsed(about, text));
        expectNeverWrong(revocationKey(any), encodeRevoked(any, identity));
      }),
    );
  });

  it('reads nothing otherwise than the parser, whatever letter is another one', () => {
    const letters = fc.constantFrom(...Array.from('0123456789abcdefABCDEFx"{}[]:,.-+TZ \\\n\u00e9\ud800'));
    const place = fc.nat({ max: value.length });
    fc.assert(
      fc.property(place, fc.constantFrom(0, 1, 2), fc.string({ unit: letters, maxLength: 2 }), (at, gone, put) => {
        expectNeverWrong(key, value.slice(0, at) + put + value.slice(at + gone));
        expectNeverWrong(key.slice(0, at) + put + key.slice(at + gone), value);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['another order of fields', JSON.stringify(Object.fromEntries(Object.entries(fieldsOf(value)).toReversed()))],
    ['blanks', JSON.stringify(fieldsOf(value), null, 1)],
    ['a number of 16 digits', changed(value, 'blockNumber', Number.MAX_SAFE_INTEGER)],
    ['a log index of 10 digits', changed(value, 'logIndex', 2 ** 31 - 1)],
  ])('leaves %s to the parser', (_, text) => {
    expect(readCanonicalRevoked(key, text, identity)).toBeNull();
    expect(parseRevocationRecord(encodeUtf8(key), encodeUtf8(text), identity).kind).toBe('record');
  });

  it.each(['2023-02-29', '2023-02-30', '2023-04-31', '1900-02-29'])('refuses %s, which no calendar has', (day) => {
    const text = value.replace('2023-11-14', day);
    expect(readCanonicalRevoked(key, text, identity)).toBeNull();
    expect(parsed(key, text)).toBeNull();
  });

  it.each(['2024-02-29', '2000-02-29', '1970-01-01', '9999-12-31'])('reads %s as the parser does', (day) => {
    const text = value.replace('2023-11-14', day);
    expect(readCanonicalRevoked(key, text, identity)).toStrictEqual(parsed(key, text));
    expect(parsed(key, text)).not.toBeNull();
  });

  it('refuses the record of another chain, contract, lock or signature', () => {
    for (const other of [
      { ...identity, chainId: 1 },
      { ...identity, contract: log.owner },
    ]) {
      expect(readCanonicalRevoked(key, value, other)).toBeNull();
    }
    expect(readCanonicalRevoked(revocationKey({ ...log, lockId: lockIdOf(1) }), value, identity)).toBeNull();
    expect(readCanonicalRevoked(`${key}0`, value, identity)).toBeNull();
  });

  it('refuses upper-case digits, though key and value agree', () => {
    const [about, text] = [key, value].map((one) => one.replaceAll(/0{61}abc/g, `${'0'.repeat(61)}ABC`));
    expect(about).not.toBe(key);
    expect(readCanonicalRevoked(about ?? '', text ?? '', identity)).toBeNull();
    expect(parsed(about ?? '', text ?? '')).toBeNull();
  });

  it('refuses a lock that no uint256 can hold', () => {
    const large = (2n ** 256n).toString();
    const text = value.replaceAll('"12345"', `"${large}"`);
    expect(readCanonicalRevoked(key.replace('12345', large), text, identity)).toBeNull();
  });
});
