import {
  parseRevocationRecord,
  source,
  type ContractIdentity,
  type RetractedRecord,
  type RevocationIdentity,
  type RevokedRecord,
} from '@hybrid-sync/domain';
import type { LogRecord, RecordBatch } from '@hybrid-sync/kafka';
import type { DeadLetter, RetractionRow, RevocationRow } from '@hybrid-sync/store';
import { deadLetterOf } from './dead-letter.js';

/**
 * What one batch of the revocation topic does to the read model, deletes first: a key that was taken back and revoked
 * again comes in both, so that its row is a new one, as it is when the two records come in two batches.
 */
export interface FoldedBatch {
  readonly upserts: readonly RevocationRow[];
  readonly deletes: readonly RevocationIdentity[];
  readonly retractions: readonly RetractionRow[];
  readonly deadLetters: readonly DeadLetter[];
}

/** Last record per key wins. A key's first publisher is kept while it stays revoked. */
export function foldRevocations(batch: RecordBatch, identity: ContractIdentity): FoldedBatch {
  const fold = new Fold();
  for (const record of batch.records) {
    const parsed = parseRevocationRecord(record.key, record.value, identity);
    if (parsed.kind === 'malformed') fold.deadLetters.push(deadLetterOf(record, parsed.key, parsed.reason));
    else if (parsed.kind === 'tombstone') fold.retract(parsed.key, record, parsed.identity, null);
    else if (parsed.record.kind === 'retracted') fold.retract(parsed.key, record, parsed.record, parsed.record);
    else fold.revoke(parsed.key, record, parsed.record);
  }
  return {
    upserts: [...fold.live.values()],
    deletes: [...fold.gone.values()],
    retractions: fold.retractions,
    deadLetters: fold.deadLetters,
  };
}

class Fold {
  readonly live = new Map<string, RevocationRow>();
  readonly gone = new Map<string, RevocationIdentity>();
  readonly retractions: RetractionRow[] = [];
  readonly deadLetters: DeadLetter[] = [];

  revoke(key: string, { partition, headers }: LogRecord, record: RevokedRecord): void {
    const publisher = this.live.get(key)?.source ?? source.catch('batch').parse(headers['source']?.toString());
    this.live.set(key, { record, partition, source: publisher });
  }

  retract(
    key: string,
    { partition, offset }: LogRecord,
    identity: RevocationIdentity,
    log: RetractedRecord | null,
  ): void {
    const { lockId, signatureHash } = identity;
    this.live.delete(key);
    this.gone.set(key, identity);
    this.retractions.push({ partition, offset, lockId, signatureHash, reason: log?.reason ?? 'tombstone', log });
  }
}
