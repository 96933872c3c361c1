import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type LockRegistry, pauseProcess, resumeProcess, testServers } from '@hybrid-sync/devstack';
import { until } from './until.js';

/** Stands in the RPC URL of every child: it must turn up nowhere. */
export const canary = 'c4naryRpcKey';

export interface Surroundings {
  readonly rpcUrl: string;
  readonly registry: LockRegistry;
  readonly topicPrefix: string;
}

/** Settings beside those that every child gets, by their names in the environment. */
export type MoreSettings = Readonly<Record<string, string>>;

/** A built service as a process of its own. */
export class ServiceChild {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;

  private constructor(name: string, environment: Readonly<Record<string, string>>) {
    const main = fileURLToPath(new URL(`../../../../services/${name}/dist/main.js`, import.meta.url));
    this.#process = spawn(process.execPath, [main], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const { stdout } = this.#process;
    if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => this.lines.push(line));
  }

  /** Resolves when the service says that it is ready. */
  static async start(name: string, around: Surroundings, more: MoreSettings = {}): Promise<ServiceChild> {
    const { rpcUrl, registry, topicPrefix } = around;
    const child = new ServiceChild(name, {
      NODE_ENV: 'production',
      NETWORK: 'local',
      LOCAL_RPC_URL: `${rpcUrl}/?key=${canary},${rpcUrl.replace('http', 'ws')}/?key=${canary}`,
      LOCAL_CONTRACT_ADDRESS: registry.address,
      LOCAL_START_BLOCK: String(registry.blockNumber),
      KAFKA_BROKERS: testServers().brokers,
      KAFKA_TOPIC_PREFIX: topicPrefix,
      KAFKA_REPLICATION_FACTOR: '1',
      MANAGEMENT_PORT: '0',
      ...more,
    });
    await until(() => child.lines.some((line) => line.includes('"msg":"ready"')));
    return child;
  }

  /** What its log said last of its lease. */
  get isActive(): boolean {
    return this.lines.findLast((line) => line.includes('"lease changed"'))?.includes('"held":true') === true;
  }

  /** Null while it runs, and after a signal has ended it. */
  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async pause(): Promise<void> {
    await pauseProcess(this.#pid);
  }

  resume(): void {
    resumeProcess(this.#pid);
  }

  get #pid(): number {
    if (this.#process.pid === undefined) throw new Error('the service did not start');
    return this.#process.pid;
  }

  /** Ends it with this signal; gives the exit code, null after SIGKILL. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.hasEnded) return this.#process.exitCode;
    const exited = once(this.#process, 'exit');
    this.#process.kill(signal);
    await exited;
    return this.#process.exitCode;
  }
}
