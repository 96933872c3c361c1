import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { environment, freePort, inCheckout, supervise, type Supervised } from '@hybrid-sync/devstack';
import type { ChainSource } from './revoked-chain.js';

export interface IngesterOptions {
  readonly service: 'ingest-batch' | 'ingest-realtime';
  readonly chain: ChainSource;
  readonly brokers: string;
  /** Of the topics: a fresh one for every run. */
  readonly prefix: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A built ingester as a process of its own, as it is deployed. */
export interface IngesterProcess {
  /** Gives what the work gives; rejects with the last lines of the log when the process ends before. */
  during<T>(work: Promise<T>): Promise<T>;
  /** The largest resident set it ever had, in bytes, as the kernel counts it. */
  peakMemory(): Promise<number>;
  close(): Promise<void>;
}

/** Started from the environment alone. With BENCH_NODE_OPTIONS it runs under those, such as `--cpu-prof`. */
export async function startIngester(options: IngesterOptions): Promise<IngesterProcess> {
  const program = inCheckout('services', options.service, 'dist', 'main.js');
  const env = { ...(await variablesOf(options)), ...options.variables };
  const child = supervise({ program: process.execPath, args: [program], env, graceSeconds: 20 });
  const tail = tailOf(child);
  return {
    during: (work) => Promise.race([work, endOf(child, options.service, tail)]),
    peakMemory: () => peakMemoryOf(child.pid),
    close: async () => {
      await child.stop();
    },
  };
}

async function variablesOf({ chain, brokers, prefix }: IngesterOptions): Promise<Record<string, string>> {
  const { PATH = '', BENCH_NODE_OPTIONS = '' } = environment();
  return {
    PATH,
    NODE_ENV: 'production',
    NODE_OPTIONS: BENCH_NODE_OPTIONS,
    NETWORK: 'local',
    LOCAL_RPC_URL: chain.url,
    LOCAL_CONTRACT_ADDRESS: chain.contract,
    LOCAL_START_BLOCK: String(chain.startBlock),
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC_PREFIX: prefix,
    MANAGEMENT_PORT: String(await freePort()),
  };
}

const linesKept = 8;

/** The last lines of its log, kept current. */
function tailOf({ output }: Supervised): readonly string[] {
  const tail: string[] = [];
  if (output === null) throw new Error('no output');
  createInterface({ input: output }).on('line', (line) => {
    if (tail.push(line) > linesKept) tail.shift();
  });
  return tail;
}

async function endOf(child: Supervised, service: string, tail: readonly string[]): Promise<never> {
  await child.exited;
  throw new Error(`${service} ended\n${tail.join('\n')}`);
}

async function peakMemoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('the kernel does not say how much memory the process had');
  return Number(kibibytes) * 1024;
}
