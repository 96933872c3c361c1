import type { LockId } from '@hybrid-sync/domain';
import type { StoredRevocation } from '@hybrid-sync/store';
import { encodeCursor } from './page-cursor.js';
import { revocationAnswer } from './revoked-answer.js';

export interface LockRevocations {
  readonly lockId: LockId;
  /** Newest first; one more than `limit` where there is a next page. */
  readonly found: readonly StoredRevocation[];
  /** Null for all. */
  readonly limit: number | null;
  readonly total: number;
}

export interface LockRevocationsAnswer {
  readonly body: object;
  /** Where the next page begins; null on the last one. */
  readonly nextCursor: string | null;
}

export function lockRevocationsAnswer(
  { lockId, found, limit, total }: LockRevocations,
  now: Date,
): LockRevocationsAnswer {
  const page = limit === null ? found : found.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = found.length > page.length && last !== undefined ? encodeCursor(last) : null;
  const revocations = page.map(revocationAnswer);
  return { body: { lockId: lockId.toString(), total, revocations, timestamp: now.toISOString() }, nextCursor };
}
