import { z } from 'zod';
import { blockNumber } from './block.js';
import { lockId, type LockId } from './lock-id.js';

const count = z.int().min(0);

/** A lock of which the topic does not hold as many revocations as the contract counts. */
export interface CountMismatch {
  readonly lockId: LockId;
  /** `getRevokedSignatureCount` of the contract. */
  readonly onContract: number;
  /** Live records of the revocation topic. */
  readonly onTopic: number;
}

/** What the topic holds, compared with the contract's own counts as of one finalized block. */
export interface Audit {
  readonly blockNumber: number;
  /** Locks that were compared. */
  readonly locks: number;
  /** Locks whose counts differ, also those that `mismatches` has no room for. */
  readonly mismatched: number;
  /** At most {@link maxMismatches} of them. */
  readonly mismatches: readonly CountMismatch[];
  /** One sentence on the likely cause, for the operator; null where nothing is wrong. */
  readonly finding: string | null;
}

/**
 * The last audit; `pending` while the history is read for the first time and nothing has been compared; null where it
 * was never compared, because no endpoint gives the contract's state or the ingester is of a version without audits.
 */
export type AuditState = Audit | 'pending' | null;

export const maxMismatches = 20;

export const wireAudit = z.strictObject({
  blockNumber,
  locks: count,
  mismatched: count,
  mismatches: z.array(z.strictObject({ lockId, onContract: count, onTopic: count })).max(maxMismatches),
  finding: z.string().nullable(),
});

export const wireAuditState = z.union([wireAudit, z.literal('pending')]).nullable();

/** Whether the topic is known to hold something else than the contract counts. */
export function isMismatch(audit: AuditState): boolean {
  return audit !== null && audit !== 'pending' && audit.mismatched > 0;
}

/** Fixed field order. */
export function encodeAudit(audit: AuditState): z.input<typeof wireAuditState> {
  if (audit === null || audit === 'pending') return audit;
  const mismatches = audit.mismatches.slice(0, maxMismatches).map(({ lockId: id, onContract, onTopic }) => ({
    lockId: id.toString(),
    // Whatever uint256 a foreign contract answers: a reader refuses what is not a safe integer.
    onContract: Math.min(onContract, Number.MAX_SAFE_INTEGER),
    onTopic,
  }));
  const { blockNumber: number, locks, mismatched, finding } = audit;
  return { blockNumber: number, locks, mismatched, mismatches, finding };
}
