import { describe, expect, it } from '@jest/globals';
import { signatureHashOf } from '@hybrid-sync/domain';
import { hashOf } from '../../../libs/domain/src/testing/arbitraries.js';
import { Problem } from './problem.js';
import {
  parseBackfillRequest,
  parseLockId,
  parsePageQuery,
  parseRevokedQuery,
  parseSignature,
} from './request-parameters.js';

/** The code of the 400 that it is refused with. */
function refusal(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof Problem && error.details.status === 400) return error.details.code;
    throw error;
  }
  return 'accepted';
}

describe('a lock id', () => {
  it.each(['7', '0', '9007199254740993', (2n ** 256n - 1n).toString()])('is read exactly: %s', (text) => {
    expect(parseLockId(text).toString()).toBe(text);
  });

  it.each([
    ...['007', '0x7', '+7', '-7', '7.0', '7e0', '1e3', 'Infinity', 'NaN', '', ' 7', '7 ', '\t7', '7\n', '７', '٧'],
    ...['1,000', '1_000', "7' or 1=1--", '7;drop', '$1', '7n', (2n ** 256n).toString(), '1'.repeat(79)],
  ])('is refused and never read as another one: %j', (text) => {
    expect(refusal(() => parseLockId(text))).toBe('invalid-lock-id');
  });
});

describe('a signature', () => {
  const hash = hashOf(0xabcdef);

  it('may be its hash in any case', () => {
    const upper = `0x${hash.slice(2).toUpperCase()}`;
    expect([hash, upper].map(parseSignature)).toEqual([[hash], [hash]]);
  });

  it('may be the signature, hashed as text', () => {
    expect(parseSignature('never revoked')).toEqual([signatureHashOf('never revoked')]);
    expect(parseSignature('0xAB'.padEnd(132, '0'))).not.toEqual(parseSignature('0xab'.padEnd(132, '0')));
  });

  it('may be a signature in hex, hashed as text and as bytes', () => {
    const text = `0x${'ab'.repeat(65)}`;
    expect(parseSignature(text)).toEqual([signatureHashOf(text), expect.stringMatching(/^0x[0-9a-f]{64}$/)]);
  });

  it.each([
    ['a prefix in upper case', `0X${hash.slice(2)}`],
    ['no prefix', hash.slice(2)],
    ['63 digits', hash.slice(0, -1)],
    ['65 digits', `${hash}0`],
    ['a digit that is none', `${hash.slice(0, -1)}g`],
    ['odd hex', `0x${'a'.repeat(131)}`],
    ['nothing', ''],
    ['a control character', 'a\u0000b'],
    ['a lone surrogate', 'a\ud800'],
    ['more than 4096 bytes', 'é'.repeat(2049)],
  ])('is refused with %s: a mistyped hash is never "not revoked"', (_, text) => {
    expect(refusal(() => parseSignature(text))).toBe('invalid-signature');
  });
});

describe('a page', () => {
  it('is all of the list, or as long as asked', () => {
    expect(parsePageQuery({})).toEqual({ limit: null, cursor: null });
    expect(parsePageQuery({ limit: '1' })).toEqual({ limit: 1, cursor: null });
    expect(parsePageQuery({ limit: '1000', cursor: 'x' })).toEqual({ limit: 1000, cursor: 'x' });
    expect(parsePageQuery({ cursor: 'x' })).toEqual({ limit: 1000, cursor: 'x' });
  });

  it.each([
    ...['0', '-1', '1001', 'abc', '1e9', '', '01', ' 1', '1.5', '0x1'].map((limit) => ({ limit })),
    { limit: ['1', '2'] },
    { 'limit[]': '1' },
    { limt: '5' },
    { cursor: ['a', 'b'] },
  ])('is refused: %j', (query) => {
    expect(refusal(() => parsePageQuery(query))).toBe('invalid-query');
  });
});

describe('a condition on freshness', () => {
  it('is none unless asked for', () => {
    expect(parseRevokedQuery({})).toEqual({ minBlock: null, allowStale: false });
    expect(parseRevokedQuery({ minBlock: '12', allowStale: 'true' })).toEqual({ minBlock: 12, allowStale: true });
    expect(parseRevokedQuery({ allowStale: 'false' }).allowStale).toBe(false);
  });

  it.each([
    { minBlock: '-1' },
    { minBlock: '1e3' },
    { minBlock: '9007199254740993' },
    { minBlock: ['1', '2'] },
    { allowStale: '1' },
    { allowStale: 'TRUE' },
    { minblock: '12' },
  ])('is refused where it could be misread: %j', (query) => {
    expect(refusal(() => parseRevokedQuery(query))).toBe('invalid-query');
  });
});

describe('the range of a backfill', () => {
  it('is everything unless it is narrowed', () => {
    expect(parseBackfillRequest(undefined)).toEqual({});
    expect(parseBackfillRequest({})).toEqual({});
    expect(parseBackfillRequest({ fromBlock: 5, toBlock: 5 })).toEqual({ fromBlock: 5, toBlock: 5 });
  });

  it.each([
    { fromBlock: '5' },
    { fromBlock: -1 },
    { fromBlock: 1.5 },
    { fromBlock: 2 ** 53 },
    { fromBlock: 6, toBlock: 5 },
    { fromBlock: null },
    { from: 5 },
    [],
    'x',
    null,
    JSON.parse('{"__proto__":{"fromBlock":1}}'),
    { constructor: { prototype: {} } },
  ])('is refused: %j', (body: unknown) => {
    expect(refusal(() => parseBackfillRequest(body))).toBe(body === null ? 'accepted' : 'invalid-body');
  });
});
