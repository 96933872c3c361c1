import { describe, expect, it } from '@jest/globals';
import { signatureRevokedTopic } from '@hybrid-sync/domain';
import { Interface } from 'ethers';
import fc from 'fast-check';
import { hashOf } from '../../domain/src/testing/arbitraries.js';
import { encodeView, revocationTopic } from './lock-registry.js';

const lockRegistry = new Interface([
  'event SignatureRevoked(uint256 indexed lockId, bytes32 indexed signatureHash, address indexed owner)',
  'function revokedSignatures(uint256 lockId, bytes32 signatureHash) view returns (bool)',
  'function getRevokedSignatureCount(uint256 lockId) view returns (uint256)',
]);
const anyLock = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });

describe('the topic that is asked for', () => {
  it('is the one that the domain decodes, and that of the event', () => {
    expect(revocationTopic).toBe(signatureRevokedTopic);
    expect(revocationTopic).toBe(lockRegistry.getEvent('SignatureRevoked')?.topicHash);
  });
});

describe('a call of a view', () => {
  it('is encoded as the ABI says', () => {
    fc.assert(
      fc.property(anyLock, anyLock, (lock, signature) => {
        const hash = hashOf(signature);
        expect(encodeView('revokedSignatures', [lock, hash])).toBe(
          lockRegistry.encodeFunctionData('revokedSignatures', [lock, hash]),
        );
        expect(encodeView('getRevokedSignatureCount', [lock])).toBe(
          lockRegistry.encodeFunctionData('getRevokedSignatureCount', [lock]),
        );
      }),
    );
  });
});
