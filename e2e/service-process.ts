import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  environment,
  inCheckout,
  pauseProcess,
  resumeProcess,
  supervise,
  type Exit,
  type Supervised,
} from '@hybrid-sync/devstack';
import { eventually } from './eventually.js';

export type Variables = Readonly<Record<string, string>>;

export const serviceNames = ['ingest-realtime', 'ingest-batch', 'projector', 'query-api'] as const;
export type ServiceName = (typeof serviceNames)[number];

const endSeconds = 20;

/** A built program of a service, as a process of its own that ends with the test, and everything that it printed. */
export class ServiceProcess {
  readonly lines: string[] = [];
  readonly program: string;
  readonly #file: string;
  readonly #variables: Variables;
  #child: Supervised | null = null;
  #since = 0;

  /** @param program path inside `services/`, such as `projector/dist/migrate.js` */
  constructor(program: string, variables: Variables) {
    this.program = program;
    this.#file = inCheckout('services', program);
    this.#variables = variables;
  }

  /** Log lines since the last start. What is not JSON is `{ msg: line }`. */
  get log(): readonly Readonly<Record<string, unknown>>[] {
    return this.lines.slice(this.#since).map(parseLine);
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /**
   * @param overrides variables for this run alone; an empty one counts as unset
   * @param args of the command line
   */
  start(overrides: Variables = {}, args: readonly string[] = []): void {
    if (this.#child !== null) throw new Error('it is running');
    // Nothing of a developer's environment or .env may reach the services.
    const env = { PATH: environment()['PATH'] ?? '', NODE_ENV: 'production', ...this.#variables, ...overrides };
    const child = supervise({ program: process.execPath, args: [this.#file, ...args], env, graceSeconds: 20 });
    if (child.output === null) throw new Error('no output');
    this.#child = child;
    this.#since = this.lines.length;
    createInterface({ input: child.output }).on('line', (line) => this.lines.push(line));
    void child.exited.then(() => {
      if (this.#child === child) this.#child = null;
    });
  }

  async ready(seconds?: number): Promise<void> {
    const isReady = (): void => {
      if (!this.log.some(({ msg }) => msg === 'ready')) throw new Error(this.tail());
    };
    await eventually('ready', isReady, seconds);
  }

  /** Resolves when it has said that a server is not there. */
  async waits(): Promise<void> {
    await eventually('waiting', () => {
      if (!this.log.some(({ msg }) => msg === 'not available yet')) throw new Error(this.tail());
    });
  }

  /** Resolves when it has ended by itself; kills it and throws where it does not. */
  async ended(withinSeconds = endSeconds): Promise<Exit> {
    const child = this.#child;
    if (child === null) throw new Error('it is not running');
    const exit = await Promise.race([child.exited, sleep(withinSeconds * 1000, null, { ref: false })]);
    if (exit !== null) return exit;
    await this.kill();
    throw new Error(`it did not end within ${withinSeconds} s\n${this.tail()}`);
  }

  /** SIGTERM; resolves when it has ended. */
  async stop(): Promise<Exit | null> {
    return (await this.#child?.stop()) ?? null;
  }

  /** SIGKILL; resolves when it has ended. */
  async kill(): Promise<void> {
    await this.#child?.kill();
    this.#child = null;
  }

  /** SIGSTOP; resolves when it stands still. */
  async pause(): Promise<void> {
    if (this.#child !== null) await pauseProcess(this.#child.pid);
  }

  /** Of the process that runs; throws where none does. */
  get pid(): number {
    if (this.#child === null) throw new Error('it is not running');
    return this.#child.pid;
  }

  /** SIGCONT. */
  resume(): void {
    if (this.#child !== null) resumeProcess(this.#child.pid);
  }

  tail(): string {
    return this.lines.slice(-8).join('\n');
  }
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : { msg: line };
  } catch {
    return { msg: line };
  }
}
