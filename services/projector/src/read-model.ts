import type { ContractIdentity, RebuildCommand, TopicNames } from '@hybrid-sync/domain';
import { RecordTooLargeError, type Publisher, type RecordBatch } from '@hybrid-sync/kafka';
import {
  advanceOffset,
  insertDeadLetters,
  isRefusedValue,
  relaxCommit,
  shareActiveGeneration,
  shareGeneration,
  type Database,
  type DeadLetter,
  type Generation,
  type Queryable,
  type RetractionRow,
} from '@hybrid-sync/store';
import { halvesOf, partsOf } from './batch-parts.js';
import { foldCommands } from './command-fold.js';
import { bareDeadLetterRecord, deadLetterOf, deadLetterRecord } from './dead-letter.js';
import { entryChange, foldedEntries } from './entry-change.js';
import { InTurn } from './in-turn.js';
import { refusedParse, revocationChange, type LocatedGeneration } from './revocation-change.js';
import { parsedInSlices } from './parsed-in-slices.js';
import { parserFor } from './revocation-fold.js';
import { statusChange } from './status-change.js';
import type { Located, TopicChange, TopicFold } from './topic-change.js';

/** `stale`: another process has applied the batch, or it is of another life of the topic; nothing was written. */
export type BatchOutcome = 'applied' | 'stale';

/** What one transaction has done, once it is committed. */
export interface AppliedPart {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
  readonly records: number;
  /** Of the last record, in milliseconds since the epoch; null where there is none. */
  readonly writtenAt: number | null;
  /** Revocations inserted or overwritten. */
  readonly rows: number;
  readonly retractions: readonly RetractionRow[];
  readonly deadLetters: readonly DeadLetter[];
  /** From the first statement to the commit. */
  readonly seconds: number;
}

export interface ReadModelOptions {
  readonly database: Database;
  readonly publisher: Publisher;
  readonly topics: TopicNames;
  readonly identity: ContractIdentity;
  /** Where revocations go: the generation that is active when a batch is applied, or the one that is being built. */
  readonly target: 'active' | Pick<Generation, 'generation'>;
  /** Which life of a topic its batches are of; null where that is not known. */
  readonly incarnationOf: (topic: string) => string | null;
  /** Begins what a `rebuild` command orders, once for each command id. */
  readonly ordered?: (command: RebuildCommand) => Promise<unknown>;
  /** Told of a `rebuild` command that came too late. */
  readonly expired?: (command: RebuildCommand) => void;
  readonly applied: (part: AppliedPart) => void;
}

/** No transaction has more to do than this; a fetch that brings more is applied in several. */
const partLimits = { records: 5_000, bytes: 8 << 20 };

/**
 * A statement ends before the session of a group member does. A process that was stopped in the middle of a transaction
 * must not hold the offset's lock for as long as it sleeps: the server ends it.
 */
const limits = { statementMs: 8_000, lockMs: 0, idleMs: 10_000 };

/**
 * Applies batches to the tables. Each transaction, in this order: the generation, which must not be switched meanwhile;
 * compare-and-set of the applied offset, so that a paused twin waits here and then finds it moved; the rows; the audit of
 * retractions; the dead letters. One transaction at a time: the next batch is parsed while the database works.
 */
export class ReadModel {
  readonly #options: ReadModelOptions;
  readonly #writing = new InTurn();

  constructor(options: ReadModelOptions) {
    this.#options = options;
  }

  applyRevocations(batch: RecordBatch): Promise<BatchOutcome> {
    const parse = parserFor(this.#options.identity);
    return this.#apply(batch, {
      locate: (transaction) => this.#locateGeneration(transaction),
      fold: async (part) => revocationChange(part, await parsedInSlices(part.records, parse)),
      refused: (part, reason) => revocationChange(part, refusedParse(reason)),
    });
  }

  applyStatuses(batch: RecordBatch): Promise<BatchOutcome> {
    const { revocations } = this.#options.topics;
    return this.#apply(
      batch,
      this.#plain(batch.topic, (part) => statusChange(part, revocations)),
    );
  }

  async applyEntries(batch: RecordBatch): Promise<BatchOutcome> {
    const folded = await foldedEntries(this.#options.database, batch);
    return this.#apply(
      batch,
      this.#plain(batch.topic, (part) => entryChange(part, folded)),
    );
  }

  /** Rebuilds are begun before the offset moves: a command that is met again is known by its id. */
  async applyCommands(batch: RecordBatch): Promise<BatchOutcome> {
    const { rebuilds, expired } = foldCommands(batch, Date.now());
    for (const command of expired) this.#options.expired?.(command);
    for (const command of rebuilds) await this.#options.ordered?.(command);
    return this.#apply(batch, this.#plain(batch.topic, nothing));
  }

  /** Of a topic without generations, whose keys are no revocation keys. */
  #plain(topic: string, fold: TopicFold<Located>['fold']): TopicFold<Located> {
    const incarnation = this.#options.incarnationOf(topic) ?? '';
    return { locate: () => Promise.resolve({ generation: 0, incarnation }), fold, refused: lettersOnly };
  }

  async #locateGeneration(transaction: Queryable): Promise<LocatedGeneration | null> {
    const { target, topics, incarnationOf } = this.#options;
    const found =
      target === 'active'
        ? await shareActiveGeneration(transaction)
        : await shareGeneration(transaction, target.generation);
    if (found === 'abandoned') return null;
    const incarnation = incarnationOf(topics.revocations);
    if (found.incarnation !== null && incarnation !== null && found.incarnation !== incarnation) return null;
    const { generation, slot } = found;
    const isActive = found.state === 'active';
    // Nobody is answered from it: what a crash of the server takes away is read again from the offsets that are left.
    if (!isActive) await relaxCommit(transaction);
    return { generation, slot, incarnation: found.incarnation ?? '', isActive };
  }

  async #apply<L extends Located>(batch: RecordBatch, topicFold: TopicFold<L>): Promise<BatchOutcome> {
    for (const part of partsOf(batch, partLimits)) {
      if ((await this.#applyPart(part, topicFold)) === 'stale') return 'stale';
    }
    return 'applied';
  }

  /** A record that the database refuses must not hold up the partition: it is found by halving. */
  async #applyPart<L extends Located>(part: RecordBatch, topicFold: TopicFold<L>): Promise<BatchOutcome> {
    try {
      return await this.#transact(part, await topicFold.fold(part), topicFold.locate);
    } catch (error) {
      if (!isRefusedValue(error) || part.records.length === 0) throw error;
      if (part.records.length > 1) return this.#applyHalves(part, topicFold);
      const reason = `the database refuses a value of it (SQLSTATE ${error.code})`;
      return this.#transact(part, topicFold.refused(part, reason), topicFold.locate);
    }
  }

  async #applyHalves<L extends Located>(part: RecordBatch, topicFold: TopicFold<L>): Promise<BatchOutcome> {
    for (const half of halvesOf(part)) {
      if ((await this.#applyPart(half, topicFold)) === 'stale') return 'stale';
    }
    return 'applied';
  }

  async #transact<L extends Located>(
    part: RecordBatch,
    change: TopicChange<L>,
    locate: TopicFold<L>['locate'],
  ): Promise<BatchOutcome> {
    await this.#publish(change);
    return this.#writing.do(async () => {
      const startedAt = performance.now();
      const writing = (transaction: Queryable): Promise<L | 'stale'> => write(transaction, part, { change, locate });
      const located = await this.#options.database.transaction(writing, limits);
      if (located === 'stale') return 'stale';
      this.#report(part, change, { located, seconds: (performance.now() - startedAt) / 1000 });
      return 'applied';
    });
  }

  /** Before the transaction: a letter may be published twice, and never be missing. */
  async #publish({ deadLetters }: Pick<TopicChange<Located>, 'deadLetters'>): Promise<void> {
    if (deadLetters.length === 0) return;
    const { publisher, topics } = this.#options;
    try {
      await publisher.publish(topics.deadLetters, deadLetters.map(deadLetterRecord));
    } catch (error) {
      if (!(error instanceof RecordTooLargeError)) throw error;
      await publisher.publish(topics.deadLetters, deadLetters.map(bareDeadLetterRecord));
    }
  }

  #report<L extends Located>(
    { topic, partition, nextOffset, records }: RecordBatch,
    { rows, retractions, deadLetters }: TopicChange<L>,
    { located, seconds }: { readonly located: Located; readonly seconds: number },
  ): void {
    const { incarnation } = located;
    this.#options.applied({
      topic,
      partition,
      nextOffset,
      records: records.length,
      writtenAt: records.at(-1)?.timestamp ?? null,
      rows,
      retractions,
      deadLetters: deadLetters.map((letter) => ({ ...letter, incarnation })),
      seconds,
    });
  }
}

interface Writing<L extends Located> {
  readonly change: TopicChange<L>;
  readonly locate: TopicFold<L>['locate'];
}

async function write<L extends Located>(
  transaction: Queryable,
  { topic, partition, fromOffset, nextOffset }: RecordBatch,
  { change, locate }: Writing<L>,
): Promise<L | 'stale'> {
  const located = await locate(transaction);
  if (located === null) return 'stale';
  const { generation } = located;
  const advanced = await advanceOffset(transaction, { generation, topic, partition, fromOffset, nextOffset });
  if (advanced === 'stale') return 'stale';
  await change.write(transaction, located);
  return located;
}

const nothing = (): TopicChange<Located> => ({
  deadLetters: [],
  rows: 0,
  retractions: [],
  write: () => Promise.resolve(),
});

function lettersOnly(part: RecordBatch, reason: string): TopicChange<Located> {
  const deadLetters = part.records.map((record) => deadLetterOf(record, null, reason));
  const write = (transaction: Queryable, { incarnation }: Located): Promise<void> =>
    insertDeadLetters(
      transaction,
      deadLetters.map((letter) => ({ ...letter, incarnation })),
    );
  return { deadLetters, rows: 0, retractions: [], write };
}
