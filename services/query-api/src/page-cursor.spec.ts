import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyHash } from '../../../libs/domain/src/testing/arbitraries.js';
import { decodeCursor, encodeCursor } from './page-cursor.js';

describe('a cursor', () => {
  it('leads back to where the page ended', () => {
    const anyPosition = fc.record({
      blockNumber: fc.nat({ max: 999_999_999_999_999 }),
      logIndex: fc.nat({ max: 999_999_999 }),
      signatureHash: anyHash,
    });
    fc.assert(
      fc.property(anyPosition, (position) => {
        expect(decodeCursor(encodeCursor(position))).toEqual(position);
        expect(encodeURIComponent(encodeCursor(position))).toBe(encodeCursor(position));
      }),
    );
  });

  it.each(['', 'x', '1:2', Buffer.from('1:2; drop').toString('base64url'), Buffer.from('-1:2').toString('base64url')])(
    'is refused where it is not one of ours: %j',
    (cursor) => {
      expect(() => decodeCursor(cursor)).toThrow('The request is malformed');
    },
  );
});
