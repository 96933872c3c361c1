import type { Queryable } from './queryable.js';

/** In milliseconds; 0 for no limit. */
export interface TransactionLimits {
  /** How long a statement may run. */
  readonly statementMs: number;
  /** How long a statement may wait for a lock. */
  readonly lockMs: number;
  /** How long the client may let the transaction wait; the server then ends the connection. */
  readonly idleMs: number;
}

/** From here to the end of the transaction, instead of those of the connection. */
export async function limitTransaction(transaction: Queryable, limits: TransactionLimits): Promise<void> {
  await transaction.query(
    `select
       set_config('statement_timeout', $1, true),
       set_config('lock_timeout', $2, true),
       set_config('idle_in_transaction_session_timeout', $3, true)`,
    [limits.statementMs, limits.lockMs, limits.idleMs].map(String),
  );
}
