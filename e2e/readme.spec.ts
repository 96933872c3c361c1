import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import {
  deployLockRegistry,
  environment,
  freePort,
  inCheckout,
  supervise,
  type Supervised,
} from '@hybrid-sync/devstack';
import { z } from 'zod';
import { blocksOf, commandsOf } from './documented-commands.js';
import { eventually } from './eventually.js';

const run = promisify(execFile);
const patience = 120_000;
const lines: string[] = [];
const accepted = z.object({ success: z.literal(true), message: z.string(), commandId: z.uuid() });
const packageJson = z.looseObject({ scripts: z.record(z.string(), z.string()) });
let port: number;
let dataDir: string;
let stack: Supervised;

/** As on a machine where nothing is configured: empty counts as unset, also over a developer's `.env`. */
const unconfigured = Object.fromEntries(
  ['NETWORK', 'SEPOLIA_RPC_URL', 'MAINNET_RPC_URL', 'LOCAL_RPC_URL', 'KAFKA_BROKERS', 'DATABASE_URL', 'API_KEYS'].map(
    (name) => [name, ''],
  ),
);

beforeAll(async () => {
  port = await freePort();
  dataDir = await mkdtemp(join(tmpdir(), 'hybrid-sync-readme-'));
  const env = { ...environment(), ...unconfigured, PORT: String(port), DATA_DIR: dataDir };
  // What npm runs. Npm itself would stand between it and the signals of this test.
  const [program = '', ...args] = scriptOf(commandNamed('npm start')).split(' ');
  stack = supervise({ program, args, cwd: inCheckout(), env, stopSignal: 'INT', graceSeconds: 30 });
  if (stack.output !== null) createInterface({ input: stack.output }).on('line', (line) => lines.push(line));
  const [announced = ''] = blocksOf('README.md', 'text');
  await eventually(
    announced,
    () => {
      if (!lines.includes(onOurPort(announced))) throw new Error(lines.join('\n'));
    },
    100,
  );
}, patience);

afterAll(async () => {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}, patience);

function commandNamed(beginning: string): string {
  const command = commandsOf('README.md').find((line) => line.startsWith(beginning));
  if (command === undefined) throw new Error(`README.md has no command ${beginning}`);
  return command;
}

/** What package.json has for `npm start` or `npm test`. */
function scriptOf(command: string): string {
  const { scripts } = packageJson.parse(JSON.parse(readFileSync(inCheckout('package.json'), 'utf8')));
  return (scripts[command.replace('npm ', '')] ?? '').replace(/^exec /, '');
}

function onOurPort(text: string): string {
  return text.replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`);
}

/** Runs a command as a reader would, but on our port; gives the JSON that it prints, without the headers of `-i`. */
async function answerTo(command: string): Promise<unknown> {
  const { stdout } = await run('sh', ['-c', onOurPort(command)]);
  return JSON.parse(stdout.slice(stdout.search(/^\{/m)));
}

/** Every value replaced by its type, so that a documented answer can be compared with a given one. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}

const promised: Readonly<Record<string, (answer: unknown) => Promise<void> | void>> = {
  '/signature/0x': (answer) => {
    expect(answer).toMatchObject({ lockId: '1', isRevoked: true });
  },
  '/signature/demo': (answer) => {
    const documented: unknown = JSON.parse(blocksOf('README.md', 'json')[0] ?? '');
    expect(shapeOf(answer)).toEqual(shapeOf(documented));
    const { lockId, signature, isRevoked, signatureHash } = z.record(z.string(), z.unknown()).parse(documented);
    expect(answer).toMatchObject({ lockId, signature, isRevoked, signatureHash });
  },
  '/signature/never': (answer) => {
    expect(answer).toMatchObject({ isRevoked: false, revocation: null, asOf: { blockNumber: expect.any(Number) } });
  },
  '/revocations': (answer) => {
    expect(answer).toMatchObject({
      lockId: '1',
      revocations: [{ signatureHash: expect.any(String) }, ...others(answer)],
    });
  },
  '/health': async () => {
    // The first answer can be given before the first heartbeat of both ingesters is in the database.
    await eventually('healthy', async () => {
      const answer = await answerTo(commandNamed('curl -s http://127.0.0.1:3000/api/v1/monitor/health'));
      expect(answer).toMatchObject({ healthy: true, network: 'local', reasons: [] });
    });
  },
  '/force-sync': async (answer) => {
    const { commandId, message } = accepted.parse(answer);
    expect(message).toBe('Force full sync initiated');
    await eventually('succeeded', async () => {
      expect(await answerTo(`curl -s http://127.0.0.1:3000/api/v1/monitor/force-sync/${commandId}`)).toMatchObject({
        state: 'succeeded',
      });
    });
  },
};

function others(answer: unknown): readonly unknown[] {
  return z
    .looseObject({ revocations: z.array(z.unknown()).min(1) })
    .parse(answer)
    .revocations.slice(1);
}

describe('README.md', () => {
  it.each(commandsOf('README.md').filter((command) => command.startsWith('curl')))(
    'shows what %s answers',
    async (command) => {
      const [, check] = Object.entries(promised).find(([part]) => command.includes(part)) ?? [];
      if (check === undefined) throw new Error('what does it promise?');
      await check(await answerTo(command));
    },
    patience,
  );

  it('names npm start and npm test as its only other commands, and CI runs the latter', () => {
    const rest = commandsOf('README.md').filter((command) => !command.startsWith('curl'));
    expect(rest).toEqual(['npm start', 'npm test']);
    expect(rest.map(scriptOf)).toEqual(['node scripts/start.mjs', 'node scripts/test.mjs']);
    expect(readFileSync(inCheckout('.ci', 'run'), 'utf8')).toMatch(/^exec npm test$/m);
  });

  it(
    'is right that signatures are revoked all the time',
    async () => {
      const stats = z.looseObject({ stats: z.looseObject({ realTimeUpdates: z.int() }) });
      const health = commandNamed('curl -s http://127.0.0.1:3000/api/v1/monitor/health');
      const before = stats.parse(await answerTo(health)).stats.realTimeUpdates;
      await eventually('one more', async () => {
        expect(stats.parse(await answerTo(health)).stats.realTimeUpdates).toBeGreaterThan(before);
      });
    },
    patience,
  );
});

describe('a revocation on the chain of npm start', () => {
  it(
    'is answered within 2 s of being mined',
    async () => {
      const chainPort = readFileSync(join(dataDir, 'chain', 'port'), 'utf8');
      const registry = await deployLockRegistry(`http://127.0.0.1:${chainPort}`);
      const lockId = await registry.registerLock();
      const { signatureHash } = await registry.revoke(lockId, 'by somebody else');
      const question = `curl -s http://127.0.0.1:3000/api/v1/monitor/lock/${lockId}/signature/${signatureHash}/revoked`;
      await eventually(
        'revoked',
        async () => {
          expect(await answerTo(question)).toMatchObject({ isRevoked: true });
        },
        2,
      );
    },
    patience,
  );
});

describe('docs/api.md', () => {
  it.each(commandsOf('docs/api.md'))('shows a command that is answered: %s', async (command) => {
    const answer = await answerTo(command);
    expect(answer).toMatchObject({ timestamp: expect.any(String) });
    const { status } = z.looseObject({ status: z.int().default(200) }).parse(answer);
    expect(status).toBeLessThan(500);
  });
});

describe('Ctrl-C', () => {
  it(
    'stops everything cleanly',
    async () => {
      expect(await stack.stop()).toEqual({ code: 0, signal: null });
      expect(lines).toContain('stopping');
      await expect(answerTo(commandNamed('curl'))).rejects.toThrow('curl');
    },
    patience,
  );
});
