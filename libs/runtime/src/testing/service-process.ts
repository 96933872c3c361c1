import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface LogLine {
  readonly message: string;
  readonly text: string;
}

/** A built entry point, run as it is deployed: from the environment alone. */
export class ServiceProcess {
  readonly lines: LogLine[] = [];
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;

  /** @param file an entry point below `services`, such as `projector/dist/main.js` */
  constructor(file: string, environment: Readonly<Record<string, string>>, args: readonly string[] = []) {
    const program = new URL(`../../../../services/${file}`, import.meta.url);
    const env = { NODE_ENV: 'production', LOG_LEVEL: 'info', ...environment };
    const child = spawn(process.execPath, [program.pathname, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    this.exited = new Promise((resolve) => child.once('exit', resolve));
    createInterface({ input: child.stdout }).on('line', (text) => this.lines.push({ message: messageOf(text), text }));
  }

  /** Resolves when it has written the message, with that line; throws when it ends before. */
  async said(message: string): Promise<string> {
    for (;;) {
      const line = this.lines.find((one) => one.message === message);
      if (line !== undefined) return line.text;
      if (this.#child.exitCode !== null)
        throw new Error(`ended without "${message}": ${this.lines.at(-1)?.text ?? ''}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** SIGTERM; gives the exit code. Also when it has ended already. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.exited;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }
}

function messageOf(text: string): string {
  const line: unknown = JSON.parse(text);
  return typeof line === 'object' && line !== null && 'msg' in line ? String(line.msg) : '';
}
