import pg from 'pg';
import type { Queryable, QueryLimits } from './queryable.js';
import { withSessionLock } from './session-lock.js';
import { limitStatements, type TransactionLimits } from './transaction-limits.js';

export interface DatabaseOptions {
  readonly url: string;
  readonly maxConnections: number;
  /**
   * Milliseconds until the server gives a statement up, and ends a transaction whose client has nothing to say. A server
   * that cannot be heard any more is given up some seconds later.
   */
  readonly statementTimeoutMs: number;
  /** Called when a connection breaks while no statement runs on it; the pool replaces it. */
  readonly lost: (error: Error) => void;
}

/** How much later than the server the client gives up. */
const deafMs = 5_000;
const rollbackMs = 2_000;

/** A bounded pool. */
export class Database implements Queryable {
  readonly #pool: pg.Pool;
  readonly #lost: DatabaseOptions['lost'];
  readonly #client: pg.ClientConfig;
  readonly query: Queryable['query'];

  constructor({ url, maxConnections, statementTimeoutMs, lost }: DatabaseOptions) {
    this.#client = {
      connectionString: url,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + deafMs,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    };
    this.#lost = lost;
    this.#pool = new pg.Pool({ ...this.#client, max: maxConnections });
    this.#pool.on('error', lost);
    this.query = (text, values, limits) => this.#pool.query(statementOf(text, values, limits));
  }

  /**
   * Commits what the work resolves with and rolls back what it rejects with, over a connection of its own. When this
   * rejects because the connection was lost, the transaction may have been committed all the same: whoever repeats it must
   * find that out from the tables.
   * @param limits of its own, where those of the connection do not serve
   */
  transaction<T>(work: (transaction: Queryable) => Promise<T>, limits?: TransactionLimits): Promise<T> {
    // In one message: nobody waits for the first answer only to send the second.
    return this.#within(limits === undefined ? 'begin' : `begin; ${limitStatements(limits)}`, work);
  }

  /** Every statement of the work sees the same state of the database. */
  snapshot<T>(work: (snapshot: Queryable) => Promise<T>): Promise<T> {
    return this.#within('begin isolation level repeatable read read only', work);
  }

  /**
   * Runs the work while no other process runs one of this name. `lost` aborts when the connection that holds the lock
   * breaks: from then on another process may have it.
   */
  withLock<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | 'busy'> {
    return withSessionLock(new pg.Client(this.#client), name, work);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #within<T>(begin: string, work: (transaction: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      await client.query(begin);
      const result = await work({ query: (text, values, limits) => client.query(statementOf(text, values, limits)) });
      await client.query('commit');
      this.#release(client);
      return result;
    } catch (error) {
      // A connection whose rollback fails is in an unknown state and is thrown away.
      await client.query(statementOf('rollback', [], { timeoutMs: rollbackMs })).then(
        () => {
          this.#release(client);
        },
        () => {
          this.#release(client, true);
        },
      );
      throw error;
    }
  }

  /** The pool looks after idle connections only: one that breaks between two statements would end the process. */
  async #connect(): Promise<pg.PoolClient> {
    const client = await this.#pool.connect();
    client.on('error', this.#lost);
    return client;
  }

  #release(client: pg.PoolClient, broken = false): void {
    if (!broken) client.off('error', this.#lost);
    client.release(broken);
  }
}

function statementOf(text: string, values: readonly unknown[] = [], limits?: QueryLimits): pg.QueryConfig {
  const timeout = limits === undefined ? {} : { query_timeout: limits.timeoutMs };
  return { text, values: [...values], ...timeout };
}
