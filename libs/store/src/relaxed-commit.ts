import type { Queryable } from './queryable.js';

/**
 * The transaction is whole or not there after a crash of the server, like any other, but its commit does not wait for
 * the disk: the last ones before a crash may be gone. The next commit that does wait keeps all before it.
 */
export async function relaxCommit(transaction: Queryable): Promise<void> {
  await transaction.query(`select set_config('synchronous_commit', 'off', true)`);
}
