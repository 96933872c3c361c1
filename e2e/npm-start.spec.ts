import { describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { environment, freePort, inCheckout, supervise, type Supervised } from '@hybrid-sync/devstack';
import { eventually } from './eventually.js';

const patience = 120_000;
const unconfigured = { NETWORK: '', LOCAL_RPC_URL: '', SEPOLIA_RPC_URL: '', KAFKA_BROKERS: '', DATABASE_URL: '' };

async function startedByNpm(dataDir: string): Promise<Supervised> {
  const lines: string[] = [];
  const env = { ...environment(), ...unconfigured, PORT: String(await freePort()), DATA_DIR: dataDir };
  const npm = supervise({
    program: 'npm',
    args: ['start'],
    cwd: inCheckout(),
    env,
    stopSignal: 'TERM',
    graceSeconds: 30,
  });
  if (npm.output !== null) createInterface({ input: npm.output }).on('line', (line) => lines.push(line));
  await eventually(
    'ready',
    () => {
      if (!lines.some((line) => line.startsWith('ready '))) throw new Error(lines.join('\n'));
    },
    100,
  );
  return npm;
}

/** Command lines of the processes that were started with the data directory in their environment or arguments. */
async function processesOf(dataDir: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const told = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const [command, variables] = await Promise.all([read('cmdline'), read('environ')]);
      return `${command}${variables}`.includes(dataDir) ? [`${pid} ${command.replaceAll('\0', ' ')}`] : [];
    }),
  );
  return told.flat();
}

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'leaves nothing running when npm gets %s',
    async (signal) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'hybrid-sync-npm-'));
      const npm = await startedByNpm(dataDir);
      try {
        expect((await processesOf(dataDir)).length).toBeGreaterThan(6);
        process.kill(npm.pid, signal);
        await eventually('nothing runs', async () => {
          expect(await processesOf(dataDir)).toEqual([]);
        });
      } finally {
        await npm.stop();
        await rm(dataDir, { recursive: true, force: true });
      }
    },
    patience,
  );
});
