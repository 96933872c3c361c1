import type { ContractIdentity } from '@hybrid-sync/domain';
import type { KafkaConnection } from '@hybrid-sync/kafka';
import type { Database } from '@hybrid-sync/store';

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
