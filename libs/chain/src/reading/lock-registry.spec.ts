import { describe, expect, it } from '@jest/globals';
import { signatureRevokedTopic } from '@hybrid-sync/domain';
import fc from 'fast-check';
import { hashOf } from '../../../domain/src/testing/arbitraries.js';
import { encodeView, revocationTopic } from './lock-registry.js';

const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });

function wordOf(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}

describe('the topic that is asked for', () => {
  it('is the one that the domain decodes', () => {
    expect(revocationTopic).toBe(signatureRevokedTopic);
  });
});

describe('a call of a view', () => {
  it('is the selector and a word for each argument', () => {
    fc.assert(
      fc.property(word, word, (lock, signature) => {
        const hash = hashOf(signature);
        expect(encodeView('getRevokedSignatureCount', [lock])).toMatch(new RegExp(`^0x[0-9a-f]{8}${wordOf(lock)}$`));
        expect(encodeView('revokedSignatures', [lock, hash])).toMatch(
          new RegExp(`^0x[0-9a-f]{8}${wordOf(lock)}${hash.slice(2)}$`),
        );
      }),
    );
  });
});
