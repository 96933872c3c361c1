import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the built dead-letters.js as an operator does. */
export async function runLetterCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandOutcome> {
  const program = new URL('../../dist/dead-letters.js', import.meta.url);
  const env = { NODE_ENV: 'production', ...environment };
  const child = spawn(process.execPath, [program.pathname, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { exitCode, output, errors };
}
