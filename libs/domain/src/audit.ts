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

export const maxMismatches = 20;

export const wireAudit = z.strictObject({
  blockNumber,
  locks: count,
  mismatched: count,
  mismatches: z.array(z.strictObject({ lockId, onContract: count, onTopic: count })).max(maxMismatches),
  finding: z.string().nullable(),
});

/** Fixed field order. */
export function encodeAudit(audit: Audit | null): z.input<typeof wireAudit> | null {
  if (audit === null) return null;
  const mismatches = audit.mismatches.slice(0, maxMismatches).map(({ lockId: id, onContract, onTopic }) => ({
    lockId: id.toString(),
    onContract,
    onTopic,
  }));
  const { blockNumber: number, locks, mismatched, finding } = audit;
  return { blockNumber: number, locks, mismatched, mismatches, finding };
}
