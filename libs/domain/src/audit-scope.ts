import { isMismatch, type AuditState } from './audit.js';
import type { LockId } from './lock-id.js';
import type { ComponentStatus, Coverage } from './sync-status.js';

/** Which locks an audit compares; `all`: every lock that the topic knows. */
export type AuditScope = 'all' | ReadonlySet<LockId>;

export function joinScopes(one: AuditScope, other: AuditScope): AuditScope {
  return one === 'all' || other === 'all' ? 'all' : new Set([...one, ...other]);
}

/**
 * What has to be compared, so that the result stands for everything: all locks the first time, and those that were
 * wrong the last time as well as those that were touched.
 */
export function auditScope(touched: AuditScope, last: AuditState): AuditScope {
  if (last === null || last === 'pending' || last.mismatched > last.mismatches.length) return 'all';
  return joinScopes(touched, new Set(last.mismatches.map(({ lockId }) => lockId)));
}

/**
 * The highest final block up to which the topic is complete; null where there is none yet. Coverage of the other
 * ingester counts where it joins what is settled.
 */
export function auditHeight(
  { own, realtime }: { readonly own: Coverage | null; readonly realtime: Coverage | null },
  { startBlock, finalizedBlock }: { readonly startBlock: number; readonly finalizedBlock: number },
): number | null {
  if (own === null) return null;
  const joins = realtime !== null && realtime.coveredFrom <= own.settledTo + 1;
  const height = Math.min(finalizedBlock, Math.max(own.settledTo, joins ? realtime.coveredTo : 0));
  return height < startBlock ? null : height;
}

/**
 * What an ingester says of audits while it makes a pass: what it reads on the word of an endpoint, as it does a history
 * from its beginning, is yet to be compared. A mismatch stays said until an audit finds it mended.
 */
export function auditDuringPass(
  last: Pick<ComponentStatus, 'coverage' | 'audit'> | null,
  { isProven }: { readonly isProven: boolean },
): AuditState {
  if (!last?.coverage) return 'pending';
  return isProven || isMismatch(last.audit) ? last.audit : 'pending';
}

/** The same text for the same locks being wrong by as much: growth on both sides is no news. */
export function mismatchText(audit: AuditState): string {
  if (audit === null || audit === 'pending' || audit.mismatched === 0) return '';
  const named = audit.mismatches.map(({ lockId, onContract, onTopic }) => `${lockId}:${onContract - onTopic}`);
  return `${audit.mismatched}: ${named.join(' ')}`;
}
