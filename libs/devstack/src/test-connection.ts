import pg from 'pg';

/** One connection to a database, for what takes more than a statement: a lock that is held, or a poll many times a second. */
export interface TestConnection {
  query(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/** Rejects where the server does not answer. What happens to the connection later is told by the next query. */
export async function openConnection(url: string): Promise<TestConnection> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  return {
    query: async (sql, values = []) => (await client.query<Record<string, unknown>>(sql, [...values])).rows,
    close: () => client.end().catch(() => undefined),
  };
}
