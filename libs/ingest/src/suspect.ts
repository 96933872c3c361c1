import {
  parseRevocationKey,
  type LiveRecord,
  type ParsedRevocationRecord,
  type RevocationIdentity,
} from '@hybrid-sync/domain';
import { headerOf, type LogRecord } from '@hybrid-sync/kafka';

/** Where a record stands on the revocation topic. */
export interface Place {
  readonly partition: number;
  readonly offset: number;
  /** Whoever wrote it had found the block to be final. */
  readonly isFinal: boolean;
}

/**
 * The last record of a key, which reconcile does not hold against the chain: it takes the key back, or it says that a
 * log is live in a block that was settled before the record turned up. A paused twin may have written it.
 */
export interface Suspect extends RevocationIdentity, Pick<Place, 'partition' | 'offset'> {
  /** What the record says is live; null where it takes the key back. */
  readonly live: LiveRecord | null;
  /** Block of the log that the record is about; null where it does not say. */
  readonly blockNumber: number | null;
}

export function placeOf(record: LogRecord): Place {
  const { partition, offset } = record;
  return { partition, offset, isFinal: headerOf(record, 'finality')?.toString() === 'finalized' };
}

/** Null where nothing is to be asked: the key cannot be read, or the log was final when the record was written. */
export function suspectOf(parsed: ParsedRevocationRecord, { partition, offset, isFinal }: Place): Suspect | null {
  const identity = parsed.key === null ? null : parseRevocationKey(parsed.key);
  if (identity === null) return null;
  if (parsed.kind !== 'record') return { ...identity, partition, offset, live: null, blockNumber: null };
  const { record } = parsed;
  if (record.kind === 'revoked' && isFinal) return null;
  const live = record.kind === 'revoked' ? record : null;
  return { ...identity, partition, offset, live, blockNumber: record.blockNumber };
}
