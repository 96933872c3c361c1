import { createDatabase, openConnection, type TestConnection } from '@hybrid-sync/devstack';
import { withOpened, type Keep } from './opened.js';
import { startProjector, type ReadSide } from './projector-process.js';
import type { ProjectContext } from './project-context.js';

/** A migrated database of its own, for the work only. */
export function withReadSide<T>(
  { brokers, databaseUrl }: ProjectContext,
  prefix: string,
  work: (side: ReadSide & { readonly connection: TestConnection }, keep: Keep) => Promise<T>,
): Promise<T> {
  return withOpened(async (keep) => {
    const url = keep(await freshDatabase(databaseUrl)).url;
    const side = { brokers, prefix, databaseUrl: url };
    await (await startProjector(side, 'migrate.js')).succeeded();
    const connection = keep(await openConnection(url));
    return work({ ...side, connection }, keep);
  });
}

/** Empty. Its server has nothing left to write of the databases before, so that no run pays for another one. */
export async function freshDatabase(
  serverUrl: string,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const database = await createDatabase(undefined, serverUrl);
  await database.query('checkpoint');
  return { url: database.url, close: () => database.drop() };
}
