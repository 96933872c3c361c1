import { describe, expect, it } from '@jest/globals';
import type { UnprovenReason } from '@hybrid-sync/domain';
import { addressOf, hashOf } from '../../../libs/domain/src/testing/arbitraries.js';
import { Problem } from './problem.js';
import { revokedAnswer, type RevokedFacts } from './revoked-answer.js';

const now = new Date('2026-01-02T03:04:05.678Z');
const block = { number: 100, hash: hashOf(100), timestamp: 1_700_000_000 };
const revocation = {
  signatureHash: hashOf(7),
  revokedBy: addressOf(1),
  revokedAt: new Date('2023-11-14T22:13:20Z'),
  blockNumber: 90,
  transactionHash: hashOf(9),
  logIndex: 3,
};
const notRevoked: RevokedFacts = {
  lockId: '12',
  signature: 'text',
  hashes: [hashOf(6), hashOf(7)],
  revocation: null,
  asOf: { block, ageSeconds: 1.5 },
  unproven: [],
};
const ask = (
  facts: Partial<RevokedFacts>,
  { minBlock = null, allowStale = false }: { minBlock?: number | null; allowStale?: boolean } = {},
): object => revokedAnswer({ ...notRevoked, ...facts }, { minBlock, allowStale }, now);

function problemOf(...args: Parameters<typeof ask>): Problem['details'] {
  try {
    ask(...args);
  } catch (error) {
    if (error instanceof Problem) return error.details;
    throw error;
  }
  throw new Error('answered');
}

describe('whether a signature is revoked', () => {
  it('is answered with who revoked it, and up to which block that is known', () => {
    expect(ask({ revocation })).toEqual({
      lockId: '12',
      signature: 'text',
      isRevoked: true,
      timestamp: '2026-01-02T03:04:05.678Z',
      signatureHash: hashOf(7),
      revocation: {
        signatureHash: hashOf(7),
        revokedBy: addressOf(1),
        revokedAt: '2023-11-14T22:13:20Z',
        blockNumber: 90,
        transactionHash: hashOf(9),
      },
      asOf: { blockNumber: 100, blockHash: hashOf(100), blockTimestamp: '2023-11-14T22:13:20Z' },
      freshness: { ageSeconds: 1.5, stale: false, reasons: [] },
    });
  });

  it('is "no" only where that is proven', () => {
    expect(ask({})).toMatchObject({ isRevoked: false, signatureHash: hashOf(6), revocation: null });
  });

  it.each<UnprovenReason>(['not-synced', 'stale', 'finality_violation', 'dead-letter'])(
    'is not known, and never "no": %s',
    (reason) => {
      expect(problemOf({ unproven: [reason] })).toMatchObject({
        status: 503,
        code: 'read-model-stale',
        members: { asOf: { blockNumber: 100 }, reasons: [reason] },
        headers: { 'retry-after': '2' },
      });
      expect(ask({ unproven: [reason] }, { allowStale: true })).toMatchObject({
        isRevoked: null,
        freshness: { stale: true, reasons: [reason] },
      });
    },
  );

  it('is "yes" however old that is', () => {
    const asOf = { block: null, ageSeconds: null };
    expect(ask({ revocation, asOf, unproven: ['not-synced'] })).toMatchObject({
      isRevoked: true,
      asOf: null,
      freshness: { ageSeconds: null, stale: true, reasons: ['not-synced'] },
    });
  });

  it('is not answered of an older block than the caller has seen', () => {
    expect(ask({}, { minBlock: 100 })).toMatchObject({ isRevoked: false });
    const refused = { status: 503, members: { reasons: ['below-min-block'] } };
    expect(problemOf({}, { minBlock: 101 })).toMatchObject(refused);
    expect(problemOf({ revocation }, { minBlock: 101, allowStale: true })).toMatchObject(refused);
    expect(problemOf({ asOf: { block: null, ageSeconds: null } }, { minBlock: 0 })).toMatchObject(refused);
  });
});
