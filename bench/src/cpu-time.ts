import { readFile } from 'node:fs/promises';
import type { TestConnection } from '@hybrid-sync/devstack';

/** Of Linux, which counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

/** Seconds of processor time that a process has taken; 0 where it does not run on this machine. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond;
}

/** The same of all connections to the database but this one. */
export async function databaseCpuSeconds(connection: TestConnection): Promise<number> {
  const others = await connection.query(
    `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  const seconds = await Promise.all(others.map(({ pid }) => cpuSecondsOf(Number(pid))));
  return seconds.reduce((sum, one) => sum + one, 0);
}
