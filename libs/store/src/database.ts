import pg from 'pg';
import type { Queryable } from './queryable.js';

export interface DatabaseOptions {
  readonly url: string;
  readonly maxConnections: number;
  /** Milliseconds until the server gives a statement up. */
  readonly statementTimeoutMs: number;
  /** Called when an idle connection breaks; the pool replaces it. */
  readonly lost: (error: Error) => void;
}

/** A bounded pool. */
export class Database implements Queryable {
  readonly #pool: pg.Pool;
  readonly query: Queryable['query'];

  constructor({ url, maxConnections, statementTimeoutMs, lost }: DatabaseOptions) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: maxConnections,
      statement_timeout: statementTimeoutMs,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    this.#pool.on('error', lost);
    this.query = (text, values) => this.#pool.query({ text, values: [...(values ?? [])] });
  }

  /** Commits what the work resolves with and rolls back what it rejects with. */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    return this.#within('begin', work);
  }

  /** Every statement of the work sees the same state of the database. */
  snapshot<T>(work: (snapshot: Queryable) => Promise<T>): Promise<T> {
    return this.#within('begin isolation level repeatable read read only', work);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #within<T>(begin: string, work: (transaction: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    const transaction: Queryable = { query: (text, values) => client.query({ text, values: [...(values ?? [])] }) };
    try {
      await client.query(begin);
      const result = await work(transaction);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      // A connection whose rollback fails is in an unknown state and is thrown away.
      await client.query('rollback').then(
        () => {
          client.release();
        },
        (broken: unknown) => {
          client.release(broken instanceof Error ? broken : true);
        },
      );
      throw error;
    }
  }
}
