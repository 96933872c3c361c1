import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blockNumber, blockTime, encodeBlock, wireBlock, wireSeconds } from './block.js';
import { anyCount, anyHash, anySeconds, hashOf } from './testing/arbitraries.js';

describe('block number', () => {
  it.each([0, 1, Number.MAX_SAFE_INTEGER])('takes %p', (number) => {
    expect(blockNumber.parse(number)).toBe(number);
  });

  it.each([-1, 1.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, Infinity, '1', 1n, null])('refuses %p', (value) => {
    expect(blockNumber.safeParse(value).success).toBe(false);
  });
});

describe('block time', () => {
  it('is RFC 3339 in UTC', () => {
    expect(blockTime(1_700_000_000)).toBe('2023-11-14T22:13:20Z');
  });

  it('is read back as the same second', () => {
    fc.assert(
      fc.property(anySeconds, (seconds) => {
        expect(wireSeconds.parse(blockTime(seconds))).toBe(seconds);
      }),
    );
  });

  it.each([253_402_300_800, 2 ** 40, 2 ** 63, 2 ** 64])(
    'writes %p, beyond the year 9999, as its last second',
    (far) => {
      expect(blockTime(far)).toBe('9999-12-31T23:59:59Z');
      expect(wireSeconds.safeParse(blockTime(far)).success).toBe(true);
    },
  );

  it.each([
    '2023-11-14T22:13:20.000Z',
    '2023-11-14T22:13:20+00:00',
    '2023-11-14T22:13Z',
    '2023-11-14 22:13:20Z',
    '2023-02-29T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    '1700000000',
  ])('has one spelling on a topic, which is not %s', (text) => {
    expect(wireSeconds.safeParse(text).success).toBe(false);
  });
});

describe('block on a wire', () => {
  it('has a fixed field order', () => {
    const block = encodeBlock({ timestamp: 1_700_000_000, hash: hashOf(1), number: 7 });
    expect(JSON.stringify(block)).toBe(`{"number":7,"hash":"${hashOf(1)}","timestamp":"2023-11-14T22:13:20Z"}`);
  });

  it('is read back as the same block', () => {
    const anyBlock = fc.record({ number: anyCount, hash: anyHash, timestamp: anySeconds });
    fc.assert(
      fc.property(anyBlock, (block) => {
        expect(wireBlock.parse(encodeBlock(block))).toEqual(block);
      }),
    );
  });
});
