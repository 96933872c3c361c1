import type { ContractIdentity, TopicNames } from '@hybrid-sync/domain';
import type { Publisher, RecordBatch } from '@hybrid-sync/kafka';
import {
  advanceOffset,
  deleteRevocations,
  insertCoverageClaim,
  insertDeadLetter,
  insertRetractions,
  pruneCoverageClaims,
  upsertBackfill,
  upsertComponentStatus,
  upsertRevocations,
  type Database,
  type DeadLetter,
  type Queryable,
} from '@hybrid-sync/store';
import { deadLetterRecord } from './dead-letter.js';
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
    const folded = foldRevocations(batch, this.#options.identity);
    return this.#apply(batch, folded.deadLetters, async (transaction) => {
      await deleteRevocations(transaction, folded.deletes);
      await upsertRevocations(transaction, folded.upserts);
      await insertRetractions(transaction, folded.retractions);
    });
  }

  applyStatuses(batch: RecordBatch): Promise<BatchOutcome> {
    const folded = foldStatuses(batch);
    const revocationTopic = this.#options.topics.revocations;
    return this.#apply(batch, folded.deadLetters, async (transaction) => {
      for (const { status, offset, timestamp } of folded.components) {
        const origin = { offset, timestamp, revocationTopic };
        await upsertComponentStatus(transaction, status, origin);
        if (status.coverage !== null) await insertCoverageClaim(transaction, status.component, status.coverage, origin);
      }
      for (const { status, timestamp } of folded.backfills) await upsertBackfill(transaction, status, timestamp);
      await pruneCoverageClaims(transaction);
    });
  }

  /** The compare-and-set comes first: it locks the offset, so that a paused twin waits and then finds it moved. */
  async #apply(
    { topic, partition, fromOffset, nextOffset }: RecordBatch,
    deadLetters: readonly DeadLetter[],
    write: (transaction: Queryable) => Promise<void>,
  ): Promise<BatchOutcome> {
    await this.#publish(deadLetters);
    const outcome = await this.#options.database.transaction(async (transaction) => {
      const advanced = await advanceOffset(transaction, { topic, partition, fromOffset, nextOffset });
      if (advanced === 'stale') return 'stale';
      for (const letter of deadLetters) await insertDeadLetter(transaction, letter);
      await write(transaction);
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
