import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** SIGSTOP; resolves when the last thread stands still. The signal alone leaves threads running for some milliseconds. */
export async function pauseProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  while (!(await threadStates(pid)).every((state) => state === 'T')) await sleep(1);
}

/** SIGCONT. */
export function resumeProcess(pid: number): void {
  process.kill(pid, 'SIGCONT');
}

/** One letter a thread, as `man 5 proc` has them; threads that end meanwhile are left out. */
async function threadStates(pid: number): Promise<readonly string[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(
    threads.map((id) => readFile(`/proc/${pid}/task/${id}/stat`, 'utf8').catch(() => '')),
  );
  return stats.filter((stat) => stat !== '').map((stat) => stat.charAt(stat.lastIndexOf(')') + 2));
}
