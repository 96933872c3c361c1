import type { QueryResult, QueryResultRow } from 'pg';

/** A pool, a client or a transaction: whoever calls decides. */
export interface Queryable {
  query<R extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<QueryResult<R>>;
}
