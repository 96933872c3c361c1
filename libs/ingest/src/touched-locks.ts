import { decodeUtf8, joinScopes, parseRevocationKey, type AuditScope, type LockId } from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';

/** Locks that are kept by name; of more than that, all are meant. */
const maxLocks = 10_000;
const maxWaiting = 50;

/**
 * The locks of which anybody has written a record since they were last compared with the contract. A record stays
 * noted until everything that was on the chain when it was read has become final and was compared.
 */
export class TouchedLocks {
  readonly #maxLocks: number;
  #fresh: Set<LockId> | 'all' = new Set();
  #waiting: readonly { readonly locks: AuditScope; readonly finalAt: number }[] = [];

  constructor(limit = maxLocks) {
    this.#maxLocks = limit;
  }

  note(records: readonly LogRecord[]): void {
    for (const { key } of records) {
      if (this.#fresh === 'all') return;
      const about = parseRevocationKey((key === null ? null : decodeUtf8(key)) ?? '');
      if (about !== null) this.#fresh.add(about.lockId);
      if (this.#fresh.size > this.#maxLocks) this.#fresh = 'all';
    }
  }

  /** Everything that is noted. @param headBlock the head by now: no record that was read stands above it */
  due(headBlock: number): AuditScope {
    if (this.#fresh === 'all' || this.#fresh.size > 0) this.#wait({ locks: this.#fresh, finalAt: headBlock });
    this.#fresh = new Set();
    return this.#waiting.map(({ locks }) => locks).reduce(joinScopes, new Set<LockId>());
  }

  /** What was {@link due} has been compared up to this final block. */
  compared(upToBlock: number): void {
    this.#waiting = this.#waiting.filter(({ finalAt }) => finalAt > upToBlock);
  }

  /** Where nothing becomes final, the newest notes are kept as one. */
  #wait(noted: { readonly locks: AuditScope; readonly finalAt: number }): void {
    const last = this.#waiting.at(-1);
    const joins = last !== undefined && this.#waiting.length >= maxWaiting;
    const locks = joins ? joinScopes(last.locks, noted.locks) : noted.locks;
    this.#waiting = [...(joins ? this.#waiting.slice(0, -1) : this.#waiting), { ...noted, locks }];
  }
}
