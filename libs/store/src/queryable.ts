import type { QueryResult, QueryResultRow } from 'pg';

export interface QueryLimits {
  /** Milliseconds until the client gives up on the server, where they are not those of the pool. */
  readonly timeoutMs: number;
}

/** A pool, a client or a transaction: whoever calls decides. */
export interface Queryable {
  query<R extends QueryResultRow>(
    text: string,
    values?: readonly unknown[],
    limits?: QueryLimits,
  ): Promise<QueryResult<R>>;
}
