import { partitionOf, revocationKey, revocationPartitions, type Hash32, type LockId } from '@hybrid-sync/domain';
import {
  countDeadLettersOf,
  countRevocationsAbove,
  countUnresolvedDeadLetters,
  findRevocation,
  listRevocations,
  readLockStats,
  readRevocationTotals,
  readGenerations,
  readSyncState,
  readTopicFaults,
  type Database,
  type NoticedTopicFault,
  type Queryable,
} from '@hybrid-sync/store';
import { healthAnswer, statsAnswer, type MonitorPolicy, type SystemState } from './health-answer.js';
import { decodeCursor } from './page-cursor.js';
import { lockRevocationsAnswer } from './lock-answer.js';
import type { PageQuery, RevokedQuery } from './request-parameters.js';
import { revokedAnswer } from './revoked-answer.js';
import { asOf, verdict } from './sync-verdict.js';

export interface MonitorOptions extends MonitorPolicy {
  readonly database: Pick<Database, 'query' | 'snapshot'>;
  /** The revocation topic, of which dead letters matter. */
  readonly topic: string;
}

export interface LockSignature {
  readonly lockId: LockId;
  readonly signature: string;
  readonly hashes: readonly [Hash32, ...Hash32[]];
}

/** Reads what an answer needs, in the order that keeps it true, and leaves the answer to pure functions. */
export class MonitorService {
  readonly #options: MonitorOptions;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  async health(): Promise<object> {
    return healthAnswer(await this.#systemState(), this.#options, new Date());
  }

  async stats(): Promise<object> {
    const state = await this.#systemState();
    const confirmedTo = state.sync.batch?.coverage?.coveredTo ?? -1;
    const pending = await countRevocationsAbove(this.#options.database, confirmedTo);
    return statsAnswer(state, pending, this.#options, new Date());
  }

  async lockStats(lockId: LockId): Promise<object> {
    const stats = await readLockStats(this.#options.database, lockId);
    const validEntries = stats.totalEntries - stats.revokedEntries;
    return { lockId: lockId.toString(), ...stats, validEntries, timestamp: new Date().toISOString() };
  }

  async revocations(lockId: LockId, { limit, cursor }: PageQuery): Promise<ReturnType<typeof lockRevocationsAnswer>> {
    const { database } = this.#options;
    const below = cursor === null ? null : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await listRevocations(database, lockId, { below, limit: limit === null ? null : limit + 1 });
    const whole = cursor === null && (limit === null || found.length <= limit);
    const total = whole ? found.length : (await readLockStats(database, lockId)).totalRevocations;
    return lockRevocationsAnswer({ lockId, found, limit, total }, new Date());
  }

  /** Watermark and row are of one snapshot: a retraction must not be seen with the watermark from before it. */
  async revoked({ lockId, signature, hashes }: LockSignature, query: RevokedQuery): Promise<object> {
    const { database, topic, maxStalenessSeconds, network } = this.#options;
    const { sync, revocation, deadLetters, faults } = await database.snapshot(async (snapshot) => ({
      sync: await readSyncState(snapshot),
      revocation: await findRevocation(snapshot, lockId, hashes),
      deadLetters: await countDeadLettersOf(snapshot, { topic, ...deadLetterScope(lockId, hashes) }),
      faults: await this.#topicFaults(snapshot),
    }));
    const upTo = asOf(sync, network.startBlock);
    const doubts = { deadLetter: deadLetters > 0, topicMisconfigured: faults.length > 0 };
    const unproven = verdict(sync, upTo, { maxStalenessSeconds, ...doubts });
    const facts = { lockId: lockId.toString(), signature, hashes, revocation, asOf: upTo, unproven };
    return revokedAnswer(facts, query, new Date());
  }

  /** Why "not revoked" could not be said of any key; empty where it could. */
  async unreadyReasons(): Promise<readonly string[]> {
    const { database, maxStalenessSeconds, network } = this.#options;
    const [sync, faults] = await Promise.all([readSyncState(database), this.#topicFaults(database)]);
    const doubts = { deadLetter: false, topicMisconfigured: faults.length > 0 };
    return verdict(sync, asOf(sync, network.startBlock), { maxStalenessSeconds, ...doubts });
  }

  async #systemState(): Promise<SystemState> {
    const { database } = this.#options;
    const [sync, totals, unresolvedDeadLetters, generations, topicFaults] = await Promise.all([
      readSyncState(database),
      readRevocationTotals(database),
      countUnresolvedDeadLetters(database),
      readGenerations(database),
      this.#topicFaults(database),
    ]);
    return { sync, totals, unresolvedDeadLetters, generations, topicFaults };
  }

  /** Those of the topic that answers rest on. */
  async #topicFaults(database: Queryable): Promise<readonly NoticedTopicFault[]> {
    const faults = await readTopicFaults(database);
    return faults.filter(({ topic }) => topic === this.#options.topic);
  }
}

function deadLetterScope(
  lockId: LockId,
  hashes: readonly Hash32[],
): { readonly revocationKeys: readonly string[]; readonly partitions: readonly number[] } {
  const revocationKeys = hashes.map((signatureHash) => revocationKey({ lockId, signatureHash }));
  const partitions = revocationKeys.map((key) => partitionOf(Buffer.from(key), revocationPartitions));
  return { revocationKeys, partitions };
}
