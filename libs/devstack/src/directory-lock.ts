import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface DirectoryLock {
  /** Told to whoever comes second. */
  announce(address: string): Promise<void>;
  release(): Promise<void>;
}

/** One stack per data directory. Throws with the address of the one that runs; takes over from a dead one. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const file = join(directory, 'running');
  const own = identityOf(process.pid);
  await mkdir(directory, { recursive: true });
  while (!(await create(file, own))) {
    const [holder = '', address = 'starting'] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
    const pid = Number(holder.split(' ')[0]);
    if (isAlive(pid) && identityOf(pid) === holder) {
      throw new Error(`already running in ${directory}: ${address} (process ${pid})`);
    }
    await rm(file, { force: true });
  }
  return {
    announce: (address) => writeFile(file, `${own}\n${address}`),
    release: () => rm(file, { force: true }),
  };
}

async function create(file: string, own: string): Promise<boolean> {
  try {
    await writeFile(file, own, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Number and start time: a number alone is given to another process after a reboot. No time without /proc. */
function identityOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${pid} ${afterName[19] ?? ''}`;
  } catch {
    return `${pid} `;
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
