import type pg from 'pg';

/** Over a connection of its own, which is closed afterwards: with it the lock goes, whatever happened. */
export async function withSessionLock<T>(
  client: pg.Client,
  name: string,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T | 'busy'> {
  const lost = new AbortController();
  client.on('error', (error) => {
    lost.abort(error);
  });
  client.on('end', () => {
    lost.abort(new Error(`the connection that held the lock "${name}" has ended`));
  });
  try {
    await client.connect();
    if (!(await isLocked(client, name))) return 'busy';
    return await work(lost.signal);
  } finally {
    await ended(client);
  }
}

async function isLocked(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(hashtextextended($1, 0)) as locked`,
    [name],
  );
  return rows[0]?.locked ?? false;
}

/** A server that cannot be heard any more does not say goodbye either. */
const goodbyeMs = 2_000;

async function ended(client: pg.Client): Promise<void> {
  const goodbye = Promise.withResolvers<undefined>();
  const over = (): void => {
    goodbye.resolve(undefined);
  };
  const timer = setTimeout(over, goodbyeMs);
  client.end().then(over, over);
  await goodbye.promise;
  clearTimeout(timer);
}
