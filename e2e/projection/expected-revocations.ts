import type { TopicRecord } from '../topic-client.js';
import { readKey, readValue, type Deployment, type RetractedValue, type RevokedValue } from './revocation-value.js';

/** A row of `revoked_signatures`, bytes as hex, numbers as text. */
export interface ExpectedRow {
  readonly lock_id: string;
  readonly signature_hash: string;
  readonly revoked_by: string;
  readonly transaction_hash: string;
  readonly block_number: string;
  readonly revoked_at: string;
  readonly block_hash: string;
  readonly log_index: string;
  readonly partition: string;
}

export interface LiveRevocation {
  readonly row: ExpectedRow;
  /** Whoever has published it since it was last taken back, the first one first. */
  readonly publishers: readonly string[];
}

/** A row of `retractions`. */
export interface ExpectedRetraction {
  readonly partition: string;
  readonly record_offset: string;
  readonly lock_id: string;
  readonly signature_hash: string;
  readonly block_number: string | null;
  readonly block_hash: string | null;
  readonly transaction_hash: string | null;
  readonly log_index: string | null;
  readonly reason: string;
}

/** A row of `dead_letters`. */
export interface ExpectedLetter {
  readonly topic: string;
  readonly partition: string;
  readonly record_offset: string;
  readonly key: string | null;
  readonly revocation_key: string | null;
  readonly value: string | null;
  /** Header values in base64. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a later record of the key, which can be read, has taken its place. */
  readonly superseded: boolean;
}

export interface ExpectedRevocations {
  /** By key. */
  readonly live: ReadonlyMap<string, LiveRevocation>;
  /** By partition and offset. */
  readonly retractions: ReadonlyMap<string, ExpectedRetraction>;
  readonly letters: ReadonlyMap<string, ExpectedLetter>;
}

/** The fold of docs/topics.md: last record per key wins, and one that cannot be read takes its key back. */
export function expectedRevocations(records: readonly TopicRecord[], about: FoldedTopic): ExpectedRevocations {
  const fold = new Fold(about);
  for (const record of records) fold.apply(record);
  return fold;
}

export interface FoldedTopic {
  readonly topic: string;
  readonly deployment: Deployment;
}

class Fold implements ExpectedRevocations {
  readonly live = new Map<string, LiveRevocation>();
  readonly retractions = new Map<string, ExpectedRetraction>();
  readonly letters = new Map<string, ExpectedLetter>();
  readonly #about: FoldedTopic;

  constructor(about: FoldedTopic) {
    this.#about = about;
  }

  apply(record: TopicRecord): void {
    const key = String(record.key);
    const identity = readKey(record.key);
    if (identity === null) {
      this.#putAside(record, null);
      return;
    }
    const value = record.value === null ? null : readValue(record.key, record.value, this.#about.deployment);
    const isMalformed = record.value !== null && value === null;
    if (isMalformed) this.#putAside(record, key);
    else this.#supersede(key, record.partition);
    if (value?.kind === 'revoked') this.#revoke(key, record, value);
    else this.#takeBack(key, retractionOf(record, identity, value));
  }

  #revoke(key: string, { partition, headers }: TopicRecord, value: RevokedValue): void {
    const publishers = [...(this.live.get(key)?.publishers ?? []), publisherOf(headers.get('source'))];
    this.live.set(key, { row: rowOf(value, partition), publishers });
  }

  #takeBack(key: string, retraction: ExpectedRetraction): void {
    this.live.delete(key);
    this.retractions.set(`${retraction.partition}/${retraction.record_offset}`, retraction);
  }

  #putAside(record: TopicRecord, revocationKey: string | null): void {
    const { partition, offset } = record;
    this.letters.set(`${partition}/${offset}`, letterOf(this.#about.topic, record, revocationKey));
  }

  #supersede(key: string, partition: number): void {
    for (const [at, letter] of this.letters) {
      if (letter.revocation_key !== key || letter.partition !== String(partition)) continue;
      this.letters.set(at, { ...letter, superseded: true });
    }
  }
}

function retractionOf(
  { partition, offset, value }: TopicRecord,
  { lockId, signatureHash }: { readonly lockId: string; readonly signatureHash: string },
  log: RetractedValue | null,
): ExpectedRetraction {
  const at = { partition: String(partition), record_offset: String(offset) };
  const identity = { lock_id: lockId, signature_hash: signatureHash };
  const nothing = { block_number: null, block_hash: null, transaction_hash: null, log_index: null };
  if (log === null) return { ...at, ...identity, ...nothing, reason: value === null ? 'tombstone' : 'malformed' };
  const { blockNumber, blockHash, transactionHash, logIndex, reason } = log;
  const numbers = { block_number: String(blockNumber), log_index: String(logIndex) };
  return { ...at, ...identity, ...numbers, block_hash: blockHash, transaction_hash: transactionHash, reason };
}

/** A record that nothing but a person can make sense of. */
export function letterOf(topic: string, record: TopicRecord, revocationKey: string | null = null): ExpectedLetter {
  const { partition, offset, key, value, headers } = record;
  const base64 = [...headers].map(([name, text]) => [name, Buffer.from(text).toString('base64')] as const);
  return {
    topic,
    partition: String(partition),
    record_offset: String(offset),
    key: key?.toString('hex') ?? null,
    revocation_key: revocationKey,
    value: value?.toString('hex') ?? null,
    headers: Object.fromEntries(base64),
    superseded: false,
  };
}

function publisherOf(source: string | undefined): string {
  return source === 'realtime' || source === 'force-sync' ? source : 'batch';
}

function rowOf(value: RevokedValue, partition: number): ExpectedRow {
  return {
    lock_id: value.lockId,
    signature_hash: value.signatureHash,
    revoked_by: value.owner,
    transaction_hash: value.transactionHash,
    block_number: String(value.blockNumber),
    revoked_at: new Date(value.blockTimestamp).toISOString(),
    block_hash: value.blockHash,
    log_index: String(value.logIndex),
    partition: String(partition),
  };
}
