import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { crc32c } from './crc32c.js';

/** By the definition: one bit at a time. */
function bitByBit(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f63b78;
  }
  return ~crc;
}

describe('crc32c', () => {
  it.each([
    ['the usual check value', Buffer.from('123456789'), 0xe3069283],
    ['32 zero bytes (RFC 3720, B.4)', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones (RFC 3720, B.4)', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['nothing', new Uint8Array(), 0],
  ])('of %s is what it should be', (_, bytes, expected) => {
    expect(crc32c(bytes) >>> 0).toBe(expected);
  });

  it('of any bytes, wherever in a buffer, is what the definition gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), (bytes, from) => {
        expect(crc32c(bytes.subarray(from))).toBe(bitByBit(bytes.subarray(from)));
      }),
    );
  });
});
