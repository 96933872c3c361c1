import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from './service-process.js';

/** SIGTERM or SIGKILL and a start later, or SIGSTOP and SIGCONT. */
export type Trouble = 'restart' | 'kill' | 'pause';

/** Many processes start at once, and one that starts while a server hangs is patient as well. */
export const readySeconds = 90;

/** Resolves when the process is back and ready. Throws where it did not obey SIGTERM. */
export async function endure(victim: ServiceProcess, trouble: Trouble, awayMs: number): Promise<void> {
  if (trouble === 'pause') {
    await victim.pause();
    await sleep(awayMs);
    victim.resume();
    return;
  }
  if (trouble === 'kill') await victim.kill();
  else if ((await victim.stop())?.code !== 0)
    throw new Error(`${victim.program} did not obey SIGTERM\n${victim.tail()}`);
  await sleep(awayMs);
  victim.start();
  await victim.ready(readySeconds);
}
