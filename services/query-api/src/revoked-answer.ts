import { blockTime, type Hash32, type UnprovenReason } from '@hybrid-sync/domain';
import type { StoredRevocation } from '@hybrid-sync/store';
import { Problem } from './problem.js';
import type { RevokedQuery } from './request-parameters.js';
import type { AsOf } from './sync-verdict.js';

export interface RevokedFacts {
  readonly lockId: string;
  readonly signature: string;
  readonly hashes: readonly [Hash32, ...Hash32[]];
  readonly revocation: StoredRevocation | null;
  readonly asOf: AsOf;
  /** Why "not revoked" must not be said. */
  readonly unproven: readonly UnprovenReason[];
}

/** Seconds after which asking again makes sense. */
const retryAfterSeconds = 2;

/**
 * "Revoked" is said even of a stale read model, "not revoked" only where it is proven. Otherwise the answer is 503, or
 * `isRevoked: null` for callers that ask for it.
 */
export function revokedAnswer(facts: RevokedFacts, query: RevokedQuery, now: Date): object {
  const { lockId, signature, hashes, revocation, unproven, asOf } = facts;
  refuseBelow(facts, query.minBlock);
  const proven = revocation !== null || unproven.length === 0;
  if (!proven && !query.allowStale) throw stale(facts, unproven);
  return {
    lockId,
    signature,
    isRevoked: proven ? revocation !== null : null,
    timestamp: now.toISOString(),
    signatureHash: revocation?.signatureHash ?? hashes[0],
    revocation: revocation === null ? null : revocationAnswer(revocation),
    asOf: asOfAnswer(asOf),
    freshness: { ageSeconds: asOf.ageSeconds, stale: unproven.length > 0, reasons: unproven },
  };
}

/** A caller that has seen block N must not hear of an older state, "revoked" included. */
function refuseBelow(facts: RevokedFacts, minBlock: number | null): void {
  if (minBlock === null || (facts.asOf.block?.number ?? -1) >= minBlock) return;
  throw stale(facts, ['below-min-block', ...facts.unproven]);
}

export function revocationAnswer(revocation: StoredRevocation): object {
  return {
    signatureHash: revocation.signatureHash,
    revokedBy: revocation.revokedBy,
    revokedAt: rfc3339(revocation.revokedAt),
    blockNumber: revocation.blockNumber,
    transactionHash: revocation.transactionHash,
  };
}

/** Null while nothing is proven. */
function asOfAnswer({ block }: AsOf): object | null {
  if (block === null) return null;
  return { blockNumber: block.number, blockHash: block.hash, blockTimestamp: blockTime(block.timestamp) };
}

function stale({ asOf }: RevokedFacts, reasons: readonly string[]): Problem {
  return new Problem({
    status: 503,
    code: 'read-model-stale',
    title: 'Whether the signature is revoked is not known right now',
    members: { asOf: asOfAnswer(asOf), reasons },
    headers: { 'retry-after': `${retryAfterSeconds}` },
  });
}

function rfc3339(date: Date): string {
  return blockTime(date.getTime() / 1000);
}
