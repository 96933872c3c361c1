import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Clears what a killed server left and Postgres refuses to start over: a lock file whose process
 * number belongs to a stranger by now, and backends that still hold its shared memory for a moment.
 * A lock file of a dead process stays: Postgres reads it for its own check of the shared memory.
 */
export async function endLeftOver(cluster: string): Promise<void> {
  const lockFile = join(cluster, 'postmaster.pid');
  const lines = (await readFile(lockFile, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 0)) return;
  if (await isPostgres(pid)) signal(pid, 'SIGINT');
  else if (signal(pid, 0)) await rm(lockFile, { force: true });
  const sharedMemoryId = lines[6]?.trim().split(/\s+/)[1] ?? '';
  await until(async () => !(await isPostgres(pid)) && !(await isAttached(sharedMemoryId)));
}

/** Where there is no /proc Postgres' own checks have to do. */
async function isPostgres(pid: number): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return name.trim() === 'postgres';
}

/** Columns: key, shmid, perms, size, cpid, lpid, nattch. */
async function isAttached(sharedMemoryId: string): Promise<boolean> {
  const table = await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '');
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const row = rows.find((columns) => columns[1] === sharedMemoryId);
  return Number(row?.[6] ?? 0) > 0;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition()) && Date.now() < deadline) await sleep(50);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
