import { decodeUtf8, parseRevocationKey, type ContractIdentity, type TopicNames } from '@hybrid-sync/domain';
import type { LogRecord, Publisher, RecordBatch } from '@hybrid-sync/kafka';
import {
  advanceOffset,
  deleteRevocations,
  insertCoverageClaim,
  insertDeadLetters,
  insertRetractions,
  isRefusedValue,
  pruneCoverageClaims,
  shareActiveGeneration,
  upsertBackfill,
  upsertComponentStatus,
  upsertRevocations,
  type Database,
  type DeadLetter,
  type Generation,
  type Queryable,
} from '@hybrid-sync/store';
import { deadLetterOf, deadLetterRecord } from './dead-letter.js';
import { foldRevocations } from './revocation-fold.js';
import { foldStatuses } from './status-fold.js';

/** `stale`: another process has applied the batch; nothing was written. */
export type BatchOutcome = 'applied' | 'stale';

export interface ReadModelOptions {
  readonly database: Database;
  readonly publisher: Publisher;
  readonly topics: TopicNames;
  readonly identity: ContractIdentity;
  readonly deadLettered: (letter: DeadLetter) => void;
}

/** Applies batches to the tables: rows, dead letters and the applied offset in one transaction each. */
export class ReadModel {
  readonly #options: ReadModelOptions;

  constructor(options: ReadModelOptions) {
    this.#options = options;
  }

  applyRevocations(batch: RecordBatch): Promise<BatchOutcome> {
    return this.#apply(batch, (part) => this.#foldedRevocations(part));
  }

  applyStatuses(batch: RecordBatch): Promise<BatchOutcome> {
    return this.#apply(batch, (part) => this.#foldedStatuses(part));
  }

  /** A record that the database refuses must not hold up the partition: it is found by going one at a time. */
  async #apply(batch: RecordBatch, fold: (part: RecordBatch) => Folded): Promise<BatchOutcome> {
    try {
      return await this.#transact(batch, fold(batch));
    } catch (error) {
      const [record, ...more] = batch.records;
      if (!isRefusedValue(error) || record === undefined) throw error;
      return more.length > 0 ? this.#applySingly(batch, fold) : this.#transact(batch, refused(record, error.code));
    }
  }

  /** The same rows as in one go: a fold does not depend on where batches begin and end. */
  async #applySingly(batch: RecordBatch, fold: (part: RecordBatch) => Folded): Promise<BatchOutcome> {
    for (const part of singly(batch)) {
      if ((await this.#apply(part, fold)) === 'stale') return 'stale';
    }
    return 'applied';
  }

  #foldedRevocations(batch: RecordBatch): Folded {
    const { deadLetters, deletes, upserts, retractions } = foldRevocations(batch, this.#options.identity);
    const write = async (transaction: Queryable, { slot, incarnation }: Generation): Promise<void> => {
      await deleteRevocations(transaction, slot, deletes);
      await upsertRevocations(transaction, slot, upserts);
      await insertRetractions(transaction, incarnation ?? '', retractions);
    };
    return { deadLetters, write };
  }

  #foldedStatuses(batch: RecordBatch): Folded {
    const { deadLetters, components, backfills } = foldStatuses(batch);
    const revocationTopic = this.#options.topics.revocations;
    const write = async (transaction: Queryable): Promise<void> => {
      for (const { status, origin } of components) {
        const from = { ...origin, revocationTopic, topicIncarnation: null };
        await upsertComponentStatus(transaction, status, from);
        if (status.coverage !== null) await insertCoverageClaim(transaction, status.component, status.coverage, from);
      }
      for (const { status, times } of backfills) await upsertBackfill(transaction, status, times);
      await pruneCoverageClaims(transaction);
    };
    return { deadLetters, write };
  }

  /** The compare-and-set comes first: it locks the offset, so that a paused twin waits and then finds it moved. */
  async #transact(
    { topic, partition, fromOffset, nextOffset }: RecordBatch,
    { deadLetters, write }: Folded,
  ): Promise<BatchOutcome> {
    await this.#publish(deadLetters);
    const outcome = await this.#options.database.transaction(async (transaction) => {
      const active = await shareActiveGeneration(transaction);
      const generation = topic === this.#options.topics.revocations ? active.generation : 0;
      const advanced = await advanceOffset(transaction, { generation, topic, partition, fromOffset, nextOffset });
      if (advanced === 'stale') return 'stale';
      await insertDeadLetters(transaction, deadLetters, generation);
      await write(transaction, active);
      return 'applied';
    });
    if (outcome === 'applied') deadLetters.forEach(this.#options.deadLettered);
    return outcome;
  }

  /** Before the transaction: a letter may be published twice, and never be missing. */
  async #publish(deadLetters: readonly DeadLetter[]): Promise<void> {
    if (deadLetters.length === 0) return;
    await this.#options.publisher.publish(this.#options.topics.deadLetters, deadLetters.map(deadLetterRecord));
  }
}

/** What a batch does to the tables. */
interface Folded {
  readonly deadLetters: readonly DeadLetter[];
  readonly write: (transaction: Queryable, active: Generation) => Promise<void>;
}

function refused(record: LogRecord, code: string): Folded {
  const key = record.key === null ? null : decodeUtf8(record.key);
  const revocationKey = key === null || parseRevocationKey(key) === null ? null : key;
  const letter = deadLetterOf(record, revocationKey, `the database refuses a value of it (SQLSTATE ${code})`);
  return { deadLetters: [letter], write: () => Promise.resolve() };
}

function singly(batch: RecordBatch): readonly RecordBatch[] {
  const { records } = batch;
  return records.map((record, index) => ({
    ...batch,
    records: [record],
    fromOffset: index === 0 ? batch.fromOffset : record.offset,
    nextOffset: records[index + 1]?.offset ?? batch.nextOffset,
  }));
}
