import type { RecordBatch } from '@hybrid-sync/kafka';
import type { Queryable, RetractionRow } from '@hybrid-sync/store';
import type { MetLetter } from './dead-letter.js';

/** Where a part of a batch is written to, as the transaction has found it. */
export interface Located {
  /** 0 for topics without generations. */
  readonly generation: number;
  /** Of the topic; empty where it is not known. */
  readonly incarnation: string;
}

/** What a part of a batch does to the tables. */
export interface TopicChange<L extends Located> {
  readonly deadLetters: readonly MetLetter[];
  readonly rows: number;
  readonly retractions: readonly RetractionRow[];
  readonly write: (transaction: Queryable, located: L) => Promise<void>;
}

/** How the batches of one topic become changes. A fold gives the same tables wherever its batches begin and end. */
export interface TopicFold<L extends Located> {
  /** First in the transaction. Null: the batch is of another life of the topic than the tables. */
  readonly locate: (transaction: Queryable) => Promise<L | null>;
  readonly fold: (part: RecordBatch) => TopicChange<L> | Promise<TopicChange<L>>;
  /** Of a single record whose values the database refuses. */
  readonly refused: (part: RecordBatch, reason: string) => TopicChange<L>;
}
