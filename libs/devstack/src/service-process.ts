import { createWriteStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Environment } from './environment.js';
import { shortWarning } from './log-line.js';
import { type Supervised, supervise } from './supervised.js';

export interface ServiceProgram {
  readonly name: string;
  /** A built file for Node. */
  readonly file: string;
}

export interface ServiceSurroundings {
  readonly environment: Environment;
  readonly logFile: string;
  /** Gets warnings and errors in short. */
  readonly say: (line: string) => void;
}

const quietMs = 10_000;

/** Runs a built program; its log goes to a file, and what needs attention is said as well, the same at most every 10 s. */
export function startService({ name, file }: ServiceProgram, surroundings: ServiceSurroundings): Supervised {
  const { environment, logFile, say } = surroundings;
  const child = supervise({ program: process.execPath, args: [file], env: environment, graceSeconds: 9 });
  const log = createWriteStream(logFile, { flags: tooLarge(logFile) ? 'w' : 'a' });
  const said = new Map<string, number>();
  const lines = createInterface({ input: child.output ?? process.stdin });
  lines.on('line', (line) => {
    log.write(`${line}\n`);
    const warning = shortWarning(line);
    if (warning === undefined || Date.now() - (said.get(warning) ?? 0) < quietMs) return;
    said.set(warning, Date.now());
    say(`${name}: ${warning}`);
  });
  lines.on('close', () => log.end());
  return child;
}

function tooLarge(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 10_000_000;
}
