import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit } from './supervised.js';

export interface Running {
  readonly exited: Promise<Exit>;
  stop(): Promise<unknown>;
}

/** Something that is to run for as long as the stack does. */
export interface Part {
  readonly name: string;
  start(): Promise<Running>;
}

export interface KeptPart {
  /** Resolves when it was stopped, rejects when it is not to be kept alive. */
  readonly over: Promise<void>;
  stop(): Promise<void>;
}

export interface Keeping {
  readonly say: (line: string) => void;
  /** Of the first wait before a restart; it doubles with every death of the last minute. Default 1000. */
  readonly backoffMs?: number;
}

const deathsPerMinute = 5;

/** Starts the part and starts it again when it dies, until it dies too often or cannot be started. */
export async function keepRunning(part: Part, keeping: Keeping): Promise<KeptPart> {
  const stopping = new AbortController();
  const current = { running: await part.start() };
  const over = keep(part, keeping, current, stopping.signal);
  over.catch(() => undefined);
  return {
    over,
    stop: async () => {
      stopping.abort();
      await current.running.stop();
      await over.catch(() => undefined);
    },
  };
}

async function keep(
  part: Part,
  { say, backoffMs = 1000 }: Keeping,
  current: { running: Running },
  stopping: AbortSignal,
): Promise<void> {
  const stopped = (): boolean => stopping.aborted;
  let deaths: number[] = [];
  for (;;) {
    const exit = await current.running.exited;
    if (stopped()) return;
    deaths = [...deaths.filter((death) => death > Date.now() - 60_000), Date.now()];
    const ending = `${part.name} ended with ${exit.signal ?? `code ${String(exit.code)}`}`;
    if (deaths.length >= deathsPerMinute) throw new Error(`${ending}, ${deathsPerMinute} times within a minute`);
    const wait = backoffMs * 2 ** (deaths.length - 1);
    say(`${ending}; starting it again in ${wait / 1000} s`);
    await sleep(wait, undefined, { signal: stopping }).catch(() => undefined);
    if (stopped()) return;
    current.running = await part.start();
    if (stopped()) await current.running.stop();
  }
}
