import type { ContractIdentity } from '@hybrid-sync/domain';
import type { KafkaConnection } from '@hybrid-sync/kafka';
import type { Database, StoredLetter } from '@hybrid-sync/store';
import { letterTopic } from './letter-topic.js';
import { replayEntry } from './replay-entry.js';
import { replayRevocation } from './replay-revocation.js';

export interface ReplayContext {
  readonly database: Database;
  readonly kafka: KafkaConnection;
  readonly identity: ContractIdentity;
  /** First part of every topic and group name. */
  readonly prefix: string;
}

/** Who applies a record after all, and why. */
export interface ReplayOrder {
  readonly by: string;
  readonly note: string | null;
}

export type ReplayOutcome =
  | { readonly kind: 'replayed' }
  /** Nothing was to be written: a later record of the key, at `by`, has been applied. */
  | { readonly kind: 'superseded'; readonly by: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Applies a dead record as the code of today reads it, and resolves its letter in the same transaction. */
export async function replayLetter(
  context: ReplayContext,
  letter: StoredLetter,
  order: ReplayOrder,
): Promise<ReplayOutcome> {
  switch (letterTopic(letter.topic)) {
    case 'revocations':
      return replayRevocation(context, letter, order);
    case 'entries':
      return replayEntry(context, letter, order);
    case 'other':
      return { kind: 'refused', reason: 'a status is said again within seconds, and a command can be given again' };
  }
}
