/** In milliseconds; 0 for no limit. */
export interface TransactionLimits {
  /** How long a statement may run. */
  readonly statementMs: number;
  /** How long a statement may wait for a lock. */
  readonly lockMs: number;
  /** How long the client may let the transaction wait; the server then ends the connection. */
  readonly idleMs: number;
}

/** As statements that follow `begin`, and hold until the transaction ends instead of the limits of the connection. */
export function limitStatements({ statementMs, lockMs, idleMs }: TransactionLimits): string {
  return [
    `set local statement_timeout = ${String(Math.trunc(statementMs))}`,
    `set local lock_timeout = ${String(Math.trunc(lockMs))}`,
    `set local idle_in_transaction_session_timeout = ${String(Math.trunc(idleMs))}`,
  ].join('; ');
}
