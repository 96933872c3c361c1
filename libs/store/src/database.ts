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

  /**
   * Does the work while nobody else does any under that name; `busy` at once where somebody does. Who is killed gives the
   * name up. The signal aborts when the connection is lost: somebody else may have begun by then.
   */
  async withLock<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | 'busy'> {
    const client = await this.#pool.connect();
    const lost = new AbortController();
    const lose = (error: Error): void => {
      lost.abort(error);
    };
    client.on('error', lose);
    try {
      return (await tryLock(client, name)) ? await work(lost.signal) : 'busy';
    } finally {
      await unlocked(client, name);
      client.off('error', lose);
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #within<T>(begin: string, work: (transaction: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // One that breaks between two statements says so here, and nowhere else before the next of them fails.
    const broken = (): void => undefined;
    client.on('error', broken);
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
        (unusable: unknown) => {
          client.release(unusable instanceof Error ? unusable : true);
        },
      );
      throw error;
    } finally {
      client.off('error', broken);
    }
  }
}

async function tryLock(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `select pg_try_advisory_lock(hashtextextended($1, 0)) as held`,
    [name],
  );
  return rows[0]?.held === true;
}

/** The lock is the connection's: where it cannot be given back, it ends with that. */
async function unlocked(client: pg.PoolClient, name: string): Promise<void> {
  await client.query(`select pg_advisory_unlock(hashtextextended($1, 0))`, [name]).then(
    () => {
      client.release();
    },
    () => {
      client.release(true);
    },
  );
}
