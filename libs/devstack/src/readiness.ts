import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervised } from './supervised.js';

export interface Readiness {
  readonly name: string;
  readonly process: Supervised;
  readonly logFile: string;
  /** Asks the server itself; a rejection counts as not yet. */
  readonly probe: () => Promise<boolean>;
  readonly timeoutSeconds?: number;
}

/** Throws, with the end of the log, when the process ends or the time is up; the process is then gone. */
export async function untilReady(readiness: Readiness): Promise<void> {
  const { name, process, timeoutSeconds = 60 } = readiness;
  const over = new AbortController();
  const died = process.exited.then(({ code, signal }) => `ended with ${signal ?? `code ${String(code)}`}`);
  const late = sleep(timeoutSeconds * 1000, `not ready after ${timeoutSeconds} s`, { signal: over.signal });
  try {
    const failure = await Promise.race([answered(readiness, over.signal), died, late]);
    if (failure === undefined) return;
    await process.kill();
    throw new Error(`${name}: ${failure}\n${await tail(readiness.logFile)}`);
  } finally {
    late.catch(() => undefined);
    over.abort();
  }
}

async function answered({ probe }: Readiness, signal: AbortSignal): Promise<undefined> {
  while (!signal.aborted && !(await probe().catch(() => false))) await sleep(50);
}

async function tail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-15).join('\n');
}
