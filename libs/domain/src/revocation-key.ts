import { canonicalHash32, type Hash32 } from './hex.js';
import { lockId, type LockId } from './lock-id.js';

/** What a record is about: one signature of one lock. */
export interface RevocationIdentity {
  readonly lockId: LockId;
  readonly signatureHash: Hash32;
}

/** The key of a revocation record: `12345-0xabc…`, decimal lock id and lower-case hash. */
export function revocationKey(identity: RevocationIdentity): string {
  return `${identity.lockId}-${identity.signatureHash}`;
}

/** Null where the text is not exactly the canonical spelling. */
export function parseRevocationKey(key: string): RevocationIdentity | null {
  const dash = key.indexOf('-');
  const lock = lockId.safeParse(key.slice(0, Math.max(dash, 0)));
  const hash = canonicalHash32.safeParse(key.slice(dash + 1));
  return lock.success && hash.success ? { lockId: lock.data, signatureHash: hash.data } : null;
}
