import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, startPostgres } from '@hybrid-sync/devstack';

/** A real server for one run of the benchmarks. */
export interface BenchPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** As one would set up a server for this much data; nothing that makes it less durable. */
const settings = { shared_buffers: '1GB', max_wal_size: '4GB' };

/** The one that DATABASE_URL names, else one of its own that leaves nothing behind. */
export async function startBenchPostgres(): Promise<BenchPostgres> {
  const { DATABASE_URL: named } = environment();
  if (named !== undefined) return { url: named, stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'hybrid-sync-bench-'));
  // Where this process is root, the server belongs to another user.
  await chmod(dataDir, 0o755);
  const postgres = await startPostgres({ dataDir, settings });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
