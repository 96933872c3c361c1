import {
  parseRevocationKey,
  parseRevocationRecord,
  source,
  type ContractIdentity,
  type ParsedRevocationRecord,
  type RetractedRecord,
  type RevocationIdentity,
  type RevokedRecord,
} from '@hybrid-sync/domain';
import { headerOf, type LogRecord, type RecordBatch } from '@hybrid-sync/kafka';
import type { RetractionRow, RevocationRow } from '@hybrid-sync/store';
import { deadLetterOf, type MetLetter } from './dead-letter.js';

/**
 * What one batch of the revocation topic does to the read model, deletes first: a key that was taken back and revoked
 * again comes in both, so that its row is a new one, as it is when the two records come in two batches.
 */
export interface FoldedBatch {
  readonly upserts: readonly RevocationRow[];
  readonly deletes: readonly RevocationIdentity[];
  readonly retractions: readonly RetractionRow[];
  readonly deadLetters: readonly MetLetter[];
  /** Key -> offset of its last good record: dead letters of the key that lie below have been superseded. */
  readonly good: ReadonlyMap<string, number>;
}

export type ParseRevocation = (record: LogRecord) => ParsedRevocationRecord;

/** As the topic's contract has it. */
export function parserFor(identity: ContractIdentity): ParseRevocation {
  return ({ key, value }) => parseRevocationRecord(key, value, identity);
}

/**
 * Last record per key wins, malformed ones included, since compaction keeps nothing else: a record that cannot be read
 * takes its key back and leaves a dead letter for it. A key's first publisher is kept while it stays revoked.
 */
export function foldRevocations(batch: RecordBatch, parse: ParseRevocation): FoldedBatch {
  const fold = new Fold();
  for (const record of batch.records) fold.add(record, parse(record));
  const { live, gone, retractions, deadLetters, good } = fold;
  return { upserts: [...live.values()], deletes: [...gone.values()], retractions, deadLetters, good };
}

class Fold {
  readonly live = new Map<string, RevocationRow>();
  readonly gone = new Map<string, RevocationIdentity>();
  readonly good = new Map<string, number>();
  readonly retractions: RetractionRow[] = [];
  readonly deadLetters: MetLetter[] = [];

  add(record: LogRecord, parsed: ParsedRevocationRecord): void {
    if (parsed.kind === 'malformed') {
      this.#malformed(record, parsed);
      return;
    }
    this.good.set(parsed.key, record.offset);
    if (parsed.kind === 'tombstone') this.#takeBack(record, parsed.key, parsed.identity, tombstone);
    else if (parsed.record.kind === 'retracted')
      this.#takeBack(record, parsed.key, parsed.record, saidBy(parsed.record));
    else this.#revoke(record, parsed.key, parsed.record);
  }

  #malformed(record: LogRecord, { key, reason }: { readonly key: string | null; readonly reason: string }): void {
    this.deadLetters.push(deadLetterOf(record, key, reason));
    const identity = key === null ? null : parseRevocationKey(key);
    if (key !== null && identity !== null) this.#takeBack(record, key, identity, malformed);
  }

  #revoke(logRecord: LogRecord, key: string, record: RevokedRecord): void {
    const { partition } = logRecord;
    const publisher = this.live.get(key)?.source ?? publisherNamed.parse(headerOf(logRecord, 'source')?.toString());
    this.live.set(key, { record, partition, source: publisher });
  }

  #takeBack({ partition, offset }: LogRecord, key: string, identity: RevocationIdentity, why: Why): void {
    const { lockId, signatureHash } = identity;
    this.live.delete(key);
    this.gone.set(key, { lockId, signatureHash });
    this.retractions.push({ partition, offset, lockId, signatureHash, ...why });
  }
}

type Why = Pick<RetractionRow, 'reason' | 'log'>;

const tombstone: Why = { reason: 'tombstone', log: null };
const malformed: Why = { reason: 'malformed', log: null };

function saidBy(record: RetractedRecord): Why {
  return { reason: record.reason, log: record };
}

/** A publisher that is not known did not follow the head. */
const publisherNamed = source.catch('batch');
