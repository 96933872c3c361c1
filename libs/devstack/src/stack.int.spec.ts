import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inCheckout } from './checkout.js';
import { environment } from './environment.js';
import { rpcCall } from './rpc-call.js';
import { runStack, type StackOptions } from './stack.js';

const directory = await mkdtemp(join(tmpdir(), 'hybrid-sync-stack-'));
const patience = 60_000;
const started: { stop(): Promise<void> }[] = [];

afterEach(() => Promise.all(started.splice(0).map((stack) => stack.stop())), 20_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

const fixture = (name: string): string => inCheckout('libs/devstack/fixtures', name);

function programs(...files: string[]): StackOptions['programs'] {
  const services = files.map((file, index) => ({ name: index === 0 ? 'query-api' : `other-${index}`, file }));
  return { migrate: { name: 'migrate', file: fixture('migrate.mjs') }, services, answering: 'query-api' };
}

interface Runner {
  readonly lines: string[];
  readonly over: Promise<unknown>;
  stop(): Promise<void>;
}

/** With the Kafka and Postgres of the test run, so that it is up within a second or two. */
function start(dataDir: string, overrides: Partial<StackOptions> = {}): Runner {
  const lines: string[] = [];
  const stopping = new AbortController();
  const options = {
    dataDir: join(directory, dataDir),
    programs: programs(fixture('fake-service.mjs')),
    environment: { ...environment(), PORT: '23000' },
    say: (line: string): void => void lines.push(line),
    demoBeatMs: 50,
    backoffMs: 10,
    ...overrides,
  };
  const over = runStack(options, stopping.signal).then(
    () => 'stopped',
    (error: unknown) => error,
  );
  const runner = {
    lines,
    over,
    stop: async (): Promise<void> => {
      stopping.abort();
      await over;
    },
  };
  started.push(runner);
  return runner;
}

async function until<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    await sleep(20);
  }
}

const readyIn = (lines: readonly string[]): Promise<string> =>
  until(() => lines.find((line) => line.startsWith('ready ')));

/** Throws when the stack ends before. */
async function ready({ lines, over }: Runner): Promise<string> {
  const first = await Promise.race([readyIn(lines), over]);
  if (typeof first === 'string') return first;
  throw new Error('not ready', { cause: first });
}

/** What the fake service was given, asked at its management port, which the runner chose from 9101 upwards. */
async function given(dataDir: string): Promise<Record<string, string>> {
  for (let port = 9101; port < 9150; port++) {
    const answer = await fetch(`http://127.0.0.1:${port}/env`).then(
      (response) => response.text(),
      () => '',
    );
    const found: unknown = answer.startsWith('{"pid"') ? JSON.parse(answer) : undefined;
    const entries = typeof found === 'object' && found !== null ? Object.entries(found) : [];
    const variables = Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
    if (variables['LOG_MARK'] === dataDir) return variables;
  }
  throw new Error('the fake service does not answer');
}

function marked(dataDir: string): Partial<StackOptions> {
  return { environment: { ...environment(), PORT: '23000', LOG_MARK: dataDir } };
}

describe('npm start', () => {
  it(
    'says how to ask and at last that it is ready, then revokes on the demo chain',
    async () => {
      const stack = start('demo', marked('demo'));
      const { lines } = stack;
      const address = (await ready(stack)).replace('ready ', '');
      expect(lines.slice(-4)).toEqual([
        `curl ${address}/api/v1/monitor/health`,
        `curl ${address}/api/v1/monitor/lock/1/revocations`,
        expect.stringMatching(/^curl .*\/lock\/1\/signature\/0x[0-9a-f]{64}\/revoked$/),
        `ready ${address}`,
      ]);
      const { LOCAL_RPC_URL: rpc = '', LOCAL_CONTRACT_ADDRESS: contract, NETWORK } = await given('demo');
      expect(NETWORK).toBe('local');
      const topic = '0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354';
      const filter = [{ address: contract, fromBlock: '0x0', topics: [topic] }];
      await until(async () => {
        const logs = await rpcCall(rpc, 'eth_getLogs', filter);
        return Array.isArray(logs) && logs.length > 3 ? logs : undefined;
      });
    },
    patience,
  );

  it(
    'goes on with the chain of the last run',
    async () => {
      const first = start('again', marked('again'));
      await ready(first);
      const before = await given('again');
      await first.stop();
      expect(await first.over).toBe('stopped');
      const second = start('again', marked('again'));
      await ready(second);
      const after = await given('again');
      for (const name of ['LOCAL_RPC_URL', 'LOCAL_CONTRACT_ADDRESS', 'LOCAL_START_BLOCK'])
        expect(after[name]).toBe(before[name]);
    },
    patience,
  );

  it(
    'refuses a second one in the same directory and says where the first is',
    async () => {
      const address = (await ready(start('twice'))).replace('ready ', '');
      expect(String(await start('twice').over)).toContain(`already running in ${join(directory, 'twice')}: ${address}`);
    },
    patience,
  );

  it(
    'takes over the lock of a process that is gone, also when its number belongs to another one',
    async () => {
      await mkdir(join(directory, 'stale'));
      await writeFile(join(directory, 'stale', 'running'), `${process.pid} 1\nhttp://127.0.0.1:3000`);
      await ready(start('stale'));
    },
    patience,
  );

  it(
    'starts a killed service again and says so',
    async () => {
      const stack = start('killed', marked('killed'));
      await ready(stack);
      const { pid } = await given('killed');
      process.kill(Number(pid), 'SIGKILL');
      await until(() => stack.lines.find((line) => line.startsWith('query-api ended with SIGKILL')));
      expect((await until(() => given('killed').catch(() => undefined)))['pid']).not.toBe(pid);
    },
    patience,
  );

  it(
    'ends everything when a service dies five times within a minute',
    async () => {
      const dying = programs(fixture('fake-service.mjs'), fixture('dying-service.mjs'));
      const { lines, over } = start('dying', { programs: dying });
      expect(String(await over)).toContain('other-1 ended with code 3, 5 times within a minute');
      expect(lines).toContain('other-1: error cannot go on: broken');
      expect(await readFile(join(directory, 'dying/logs/other-1.log'), 'utf8')).toContain('"msg":"cannot go on"');
    },
    patience,
  );

  it(
    'leaves no child behind when it is killed with kill -9',
    async () => {
      const dataDir = join(directory, 'orphans');
      const own = { ...environment(), KAFKA_BROKERS: '', DATABASE_URL: '' };
      const args = [fixture('run-stack.mjs'), dataDir];
      const parent = spawn(process.execPath, args, { env: own, stdio: ['ignore', 'pipe', 'inherit'] });
      const lines: string[] = [];
      parent.stdout.on('data', (text: Buffer) => lines.push(...text.toString().split('\n')));
      await readyIn(lines);
      const running = runningIn(dataDir);
      expect(running.length).toBeGreaterThanOrEqual(3);
      parent.kill('SIGKILL');
      await once(parent, 'exit');
      await until(() => (runningIn(dataDir).length === 0 ? true : undefined));
    },
    patience,
  );
});

/** Command lines that name the directory: the broker, Postgres and the chain. A zombie has none. */
function runningIn(dataDir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(dataDir) && !line.includes('run-stack'));
}
