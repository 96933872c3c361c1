import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dense, hint, limited, of, refusal, wide } from '../testing/refusals.js';
import { classifyRefusal, type Refusal, type RefusedAnswer } from './refusal.js';

describe('the same code means what its text means:', () => {
  it.each<[string, Refusal]>([
    ['query returned more than 10000 results', dense],
    ['eth_getLogs is limited to a 10,000 range', wide(10_000)],
    ['query timeout exceeded', { kind: 'too-slow' }],
    ['project ID request rate exceeded', limited],
    ['invalid params', { kind: 'refused' }],
    ['invalid argument 0: integer out of range', { kind: 'refused' }],
    ['invalid block range params', { kind: 'refused' }],
  ])('%s', (message, expected) => {
    for (const code of [-32_005, -32_602, -32_000, undefined]) expect(of(message, code)).toEqual(expected);
  });
});

describe('where the text stands', () => {
  const message = 'eth_getLogs is limited to a 10,000 range';

  it.each<[string, Partial<RefusedAnswer>]>([
    ['the message', { error: { message } }],
    ['the data', { error: { message: 'Invalid params', data: message } }],
    ['the data of an error with status 400', { status: 400, error: { code: -32_602, data: message } }],
    ['a plain body', { status: 400, body: message }],
    ['a page', { status: 403, body: `<style>p { range: 7 }</style><p><b>Sorry:</b> ${message}</p>` }],
    ['JSON that is not JSON-RPC', { status: 400, body: JSON.stringify({ detail: message }) }],
    ['colour', { error: { message: `\u001b[31m${message}\u001b[0m` } }],
    ['lines', { error: { message: message.replaceAll(' ', '\r\n\t') } }],
    ['capitals', { error: { message: message.toUpperCase() } }],
  ])('does not matter: %s', (_, answer) => {
    expect(refusal(answer)).toEqual(wide(10_000));
  });

  it('matters for a page, which is not believed about blocks and methods', () => {
    expect(refusal({ body: '<p>block 7 not found, archive, method not found</p>' })).toEqual({ kind: 'malformed' });
  });

  it('is never a link', () => {
    const link = 'internal error, see https://docs.example/too-many-requests?block-range=too-large&max=7';
    expect(of(link)).toEqual({ kind: 'refused' });
    expect(refusal({ status: 500, body: `<a href="/rate-limit">${link}</a>` })).toEqual({ kind: 'unreachable' });
  });
});

describe('a number of blocks', () => {
  it.each([
    ['10000', 10_000],
    ['10,000', 10_000],
    ['10_000', 10_000],
    ["10'000", 10_000],
    ['0x2710', 10_000],
    ['0X2710', 10_000],
    ['10k', 10_000],
    ['10K', 10_000],
    ['1.5k', 1_500],
    ['1M', 1_000_000],
    ['2', 2],
  ])('is read from %s, less the one that may or may not count', (text, blocks) => {
    for (const message of [
      `block range limited to ${text}`,
      `maximum block range is ${text} blocks`,
      `block range exceeds ${text}`,
      `the block range is too large; a ${text} block range is fine`,
    ]) {
      expect(of(message)).toEqual(wide(blocks));
    }
  });

  it.each(['0', '999999999999999999999', '0xffffffffffffffffff', 'none', '-'])('is not read from %s', (text) => {
    expect(of(`maximum block range is ${text}`).kind).toBe('too-wide');
    expect(of(`maximum block range is ${text}`).maxBlocks ?? 1).toBeGreaterThan(0);
  });

  it('is never below one', () => {
    expect(of('block range limited to 1')).toEqual({ kind: 'too-wide', maxBlocks: 1 });
  });
});

describe('a hint', () => {
  it.each(['[0x10a, 0x20b]', '[0x10a,0x20b]', '[ 266 , 523 ]'])('is read from %s', (range) => {
    expect(of(`too many logs. Try with this block range ${range}.`)).toEqual({ kind: 'too-dense', hint });
  });

  it.each(['[0x20b, 0x10a]', '[from, to]', '[0x1]', '[]', '[0xffffffffffffffffffff, 0x1]'])(
    'is not read from %s',
    (range) => {
      expect(of(`too many logs. Try with this block range ${range}.`)).toEqual(dense);
    },
  );
});

describe('the pause that an endpoint asks for', () => {
  it.each<[string, number | undefined]>([
    ['3', 3_000],
    [' 120 ', 120_000],
    ['Mon, 23 Nov 2026 15:00:05 GMT', 5_000],
    ['86400', 900_000],
    ['Mon, 23 Nov 2026 14:59:05 GMT', undefined],
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('is read from Retry-After: %s', (retryAfter, retryAfterMs) => {
    const expected = retryAfterMs === undefined ? limited : { ...limited, retryAfterMs };
    expect(refusal({ status: 429, body: '', retryAfter })).toEqual(expected);
  });

  it.each([
    ['{"backoff_seconds":30}', 30_000],
    ['{"try_again_in":"7ms"}', 7],
    ['try again in 1.5 seconds', 1_500],
    ['retry after 2s', 2_000],
    ['please wait 3 minutes', 180_000],
  ])('is read from %s', (data, retryAfterMs) => {
    expect(refusal({ error: { message: 'rate limited', data } })).toEqual({ ...limited, retryAfterMs });
  });
});

describe('a text that nobody listed', () => {
  it.each([
    '',
    'internal error',
    'Internal JSON-RPC error.',
    'server error',
    'something went wrong, we have been notified',
    'upstream failed',
    'nonce too low',
    'execution reverted',
    'filter not ready',
    'could not decode answer of shard 7',
  ])('is an unknown refusal: %s', (message) => {
    for (const code of [-32_000, -32_005, -32_602, -32_603, undefined]) {
      expect(of(message, code)).toEqual({ kind: 'refused' });
    }
  });

  it('made of letters that form no word is an unknown refusal, whatever the code', () => {
    const code = fc
      .integer()
      .filter((value) => ![-32_601, -32_004, -32_001, 4_444, 429, -32_029, -32_097].includes(value));
    const nonsense = fc.string({ unit: fc.constantFrom(...'jqxz0189 .,:[]()<>"'.split('')) });
    fc.assert(
      fc.property(code, nonsense, nonsense, (number, message, data) => {
        expect(refusal({ error: { code: number, message, data } })).toEqual({ kind: 'refused' });
      }),
    );
  });

  it('never throws, and never names less than one block or a range that ends before it begins', () => {
    const words = [
      'block',
      'range',
      'limit',
      'max',
      'exceeds',
      'logs',
      'retry',
      '[',
      ']',
      ',',
      '0x',
      '1k',
      '9'.repeat(20),
    ];
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.oneof(fc.constantFrom(...words), fc.integer().map(String), fc.string()))
        .map((parts) => parts.join(' ')),
    );
    const error = fc.record({ code: fc.integer(), message: text, data: text }, { requiredKeys: [] });
    const answer = fc.record(
      { method: text, status: fc.integer({ min: 100, max: 599 }), now: fc.nat(), retryAfter: text, error, body: text },
      { requiredKeys: ['method', 'status', 'now'] },
    );
    fc.assert(
      fc.property(answer, (refused) => {
        const {
          maxBlocks = 1,
          retryAfterMs = 1,
          hint: range = { fromBlock: 0, toBlock: 0 },
        } = classifyRefusal(refused);
        expect(Number.isSafeInteger(maxBlocks) && maxBlocks >= 1).toBe(true);
        expect(range.fromBlock <= range.toBlock).toBe(true);
        expect(retryAfterMs > 0 && retryAfterMs <= 900_000).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes no time, however long and odd it is', () => {
    for (const unit of ['block range limit ', '<', '<script>', '0x', '1,000', '[1, ', 'method not ', ' ', 'a']) {
      expect(refusal({ status: 400, body: unit.repeat(1_000_000) })).toBeDefined();
    }
  });
});
