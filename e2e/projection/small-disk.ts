import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of a few megabytes, to be filled up and emptied. Only root may make one. */
export interface SmallDisk {
  readonly directory: string;
  /** So much of it stays free. */
  fill(leftMegabytes: number): Promise<void>;
  /** What filled it is gone. */
  relieve(): Promise<void>;
  remove(): Promise<void>;
}

export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const directory = await mkdtemp(join(tmpdir(), 'hybrid-sync-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', directory]);
  const ballast = join(directory, 'ballast');
  return {
    directory,
    fill: async (leftMegabytes) => {
      const { bavail, bsize } = await statfs(directory);
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leftMegabytes * 1_048_576)));
    },
    relieve: () => rm(ballast, { force: true }),
    remove: async () => {
      await run('umount', ['-l', directory]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
