import {
  foldWindow,
  parseRevocationKey,
  parseRevocationRecord,
  revocationKey,
  decodeUtf8,
  type AuditScope,
  type LiveRecord,
  type LockId,
  type RevocationIdentity,
  type Window,
} from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import { fingerprintOf, KeyTable } from './key-table.js';
import { readFold, type RangeFoldOptions } from './topic-fold.js';

/**
 * Live records per lock at or below a block, from the whole revocation topic as it stands now. Every lock that was asked
 * for is in the answer; with `all`, every lock of which there is or was a record.
 */
export async function countLocks(
  scope: AuditScope,
  upToBlock: number,
  options: RangeFoldOptions,
): Promise<ReadonlyMap<LockId, number>> {
  const counts = new LockCounts(scope);
  await readLocks(scope, options, (about, { key, value }) => {
    const parsed = parseRevocationRecord(key, value, options.identity);
    const live = parsed.kind === 'record' && parsed.record.kind === 'revoked' && parsed.record.blockNumber <= upToBlock;
    counts.set(about, live);
  });
  return counts.perLock();
}

/** Every live record of some locks, from the whole revocation topic as it stands now. */
export async function foldLocks(locks: ReadonlySet<LockId>, options: RangeFoldOptions): Promise<Window> {
  const live = new Map<string, LiveRecord>();
  await readLocks(locks, options, (_, { key, value }) => {
    foldWindow(live, parseRevocationRecord(key, value, options.identity), -1);
  });
  return live;
}

class LockCounts {
  readonly #numbers = new Map<LockId, number>();
  readonly #counts: number[] = [];
  readonly #live = new KeyTable(0);

  constructor(scope: AuditScope) {
    if (scope !== 'all') for (const lockId of scope) this.#numberOf(lockId);
  }

  set(about: RevocationIdentity, live: boolean): void {
    const number = this.#numberOf(about.lockId);
    const fingerprint = fingerprintOf(revocationKey(about));
    const change = live ? Number(this.#live.set(fingerprint)) : -Number(this.#live.delete(fingerprint));
    this.#counts[number] = (this.#counts[number] ?? 0) + change;
  }

  perLock(): ReadonlyMap<LockId, number> {
    return new Map([...this.#numbers].map(([lockId, number]) => [lockId, this.#counts[number] ?? 0]));
  }

  #numberOf(lockId: LockId): number {
    const known = this.#numbers.get(lockId);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(lockId, number);
    return number;
  }
}

/** Reads the topic to its end as it is now. Most records are of other locks: those are told by their keys alone. */
async function readLocks(
  scope: AuditScope,
  options: RangeFoldOptions,
  apply: (about: RevocationIdentity, record: LogRecord) => void,
): Promise<void> {
  await readFold(options, {
    apply: (record) => {
      const about = parseRevocationKey((record.key === null ? null : decodeUtf8(record.key)) ?? '');
      if (about !== null && (scope === 'all' || scope.has(about.lockId))) apply(about, record);
    },
    ended: (reader) => reader.caughtUp(),
  });
}
