import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { environment, inCheckout, supervise, type Supervised } from '@hybrid-sync/devstack';

export interface ProgramOptions {
  readonly service: 'ingest-batch' | 'ingest-realtime' | 'projector';
  /** Of its built files. Default `main.js`. */
  readonly file?: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A program of its own, as it is deployed. */
export interface BenchProcess {
  readonly pid: number;
  /** Gives what the work gives; rejects with the last lines of the log when the process ends before. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Resolves when it has ended with exit code 0; rejects with the last lines of the log otherwise. */
  succeeded(): Promise<void>;
  /** Its resident set now and the largest it ever had, in bytes, as the kernel counts them. */
  memory(): Promise<{ readonly now: number; readonly peak: number }>;
  close(): Promise<void>;
}

/** A built file, from the environment alone. With BENCH_NODE_OPTIONS it runs under those, such as `--cpu-prof`. */
export function startProgram({ service, file = 'main.js', variables }: ProgramOptions): BenchProcess {
  const { PATH = '', BENCH_NODE_OPTIONS = '' } = environment();
  const env = { PATH, NODE_ENV: 'production', NODE_OPTIONS: BENCH_NODE_OPTIONS, ...variables };
  const program = inCheckout('services', service, 'dist', file);
  return benchProcess(
    `${service} ${file}`,
    supervise({ program: process.execPath, args: [program], env, graceSeconds: 20 }),
  );
}

export function benchProcess(name: string, child: Supervised): BenchProcess {
  const tail = tailOf(child);
  const ended = async (): Promise<never> => {
    await child.exited;
    throw new Error(`${name} ended\n${tail.join('\n')}`);
  };
  return {
    pid: child.pid,
    during: (work) => Promise.race([work, ended()]),
    succeeded: async () => {
      const { code } = await child.exited;
      if (code !== 0) await ended();
    },
    memory: () => memoryOf(child.pid),
    close: async () => {
      await child.stop();
    },
  };
}

const linesKept = 12;

/** The last lines of its log, kept current. */
function tailOf({ output }: Supervised): readonly string[] {
  const tail: string[] = [];
  if (output === null) throw new Error('no output');
  createInterface({ input: output }).on('line', (line) => {
    if (tail.push(line) > linesKept) tail.shift();
  });
  return tail;
}

async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kibibytes === undefined) throw new Error('the kernel does not say how much memory the process has');
    return Number(kibibytes) * 1024;
  };
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}
