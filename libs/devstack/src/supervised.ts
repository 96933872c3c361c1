import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, statSync } from 'node:fs';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Asks for a clean stop. Default `TERM`. */
  readonly stopSignal?: 'TERM' | 'INT';
  /** Seconds between the stop signal and SIGKILL. Default 5. */
  readonly graceSeconds?: number;
  /** Output is appended to it; without it output is to be read from `Supervised.output`. */
  readonly logFile?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that ends with this process, however this process dies. */
export interface Supervised {
  readonly pid: number;
  /** Standard output and errors, unless they go to a file. */
  readonly output: NodeJS.ReadableStream | null;
  readonly exited: Promise<Exit>;
  /** Stop signal, then SIGKILL after the grace time; resolves when the process is gone. */
  stop(): Promise<Exit>;
  /** SIGKILL at once; resolves when the process is gone. */
  kill(): Promise<Exit>;
}

/**
 * The shell becomes the program, in a session of its own. A watcher stays behind in its process
 * group, reading a pipe that only we hold: end of file means stop or our death, which makes both
 * one path. As long as the watcher lives the group's number, which is the pid, is not given away.
 */
const wrapper = `
stop_signal=$1; tenths=$2; shift 2
exec 3<&0
( read -r line <&3
  [ "$line" = gone ] && exit
  kill -s "$stop_signal" $$
  while kill -0 $$ && [ "$tenths" -gt 0 ]; do sleep 0.1; tenths=$((tenths - 1)); done
  kill -s KILL -- -$$
) >/dev/null 2>&1 &
exec "$@" </dev/null 2>&1 3<&-
`;

export function supervise(command: Command): Supervised {
  const child = start(command);
  const exited = exitOf(child);
  const { stdin } = child;
  stdin?.on('error', () => undefined);
  void exited.then(() => stdin?.end('gone\n')).catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    output: child.stdout,
    exited,
    stop: () => {
      stdin?.end();
      return exited;
    },
    kill: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

function start(command: Command): ChildProcess {
  const { program, args, stopSignal = 'TERM', graceSeconds = 5 } = command;
  const output = command.logFile === undefined ? 'pipe' : openLog(command.logFile);
  const child = spawn('sh', ['-c', wrapper, 'sh', stopSignal, String(graceSeconds * 10), program, ...args], {
    stdio: ['pipe', output, output],
    detached: true,
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    ...(command.env === undefined ? {} : { env: command.env }),
  });
  if (typeof output === 'number') closeSync(output);
  return child;
}

/** Appends, but starts anew when a former run left more than 10 MB. */
function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(file, size > 10_000_000 ? 'w' : 'a');
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  await once(child, 'exit');
  return { code: child.exitCode, signal: child.signalCode };
}
