import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { postgresBinaries } from './postgres-binaries.js';
import { endLeftOver } from './postgres-left-over.js';
import { type PostgresUser, postgresUser } from './postgres-user.js';
import { untilReady } from './readiness.js';
import { type Exit, type Supervised, supervise } from './supervised.js';

const run = promisify(execFile);
const owner = 'hybrid_sync';

export interface PostgresOptions {
  /** Keeps databases and the port over restarts. */
  readonly dataDir: string;
  /** That of the last run when it is free, else this one, else any. */
  readonly port?: number;
  /** Settings that win over the defaults, such as `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Postgres {
  /** Of the database `postgres`, as its superuser. */
  readonly url: string;
  readonly pid: number;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** PostgreSQL 18 on 127.0.0.1, fsync on, trusting local connections; resolves when it takes connections. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true });
  const user = await postgresUser();
  const cluster = join(dataDir, 'cluster');
  if (!existsSync(cluster)) await initialise(cluster, user);
  await endLeftOver(cluster);
  const port = await freePort(await lastPort(dataDir), options.port);
  const process = await startServer(cluster, user, { port, ...options.settings });
  await writeFile(join(dataDir, 'port'), String(port));
  return {
    url: `postgres://${owner}@127.0.0.1:${port}/postgres`,
    pid: process.pid,
    exited: process.exited,
    stop: async () => {
      await process.stop();
    },
    kill: async () => {
      await process.kill();
    },
  };
}

async function lastPort(dataDir: string): Promise<number | undefined> {
  const port = Number(await readFile(join(dataDir, 'port'), 'utf8').catch(() => ''));
  return port > 0 ? port : undefined;
}

/** Renamed into place when complete, so that an initdb that was killed is done again. */
async function initialise(cluster: string, user: PostgresUser): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await user.own(unfinished);
  const flags = ['--auth=trust', `--username=${owner}`, '--encoding=UTF8', '--locale=C', '--no-sync'];
  const { initdb } = await postgresBinaries();
  const [program = '', ...args] = [...user.prefix, initdb, `--pgdata=${unfinished}`, ...flags];
  await run(program, args, { cwd: '/' });
  await rename(unfinished, cluster);
}

async function startServer(
  cluster: string,
  user: PostgresUser,
  settings: Readonly<Record<string, string | number>>,
): Promise<Supervised> {
  const fixed = { listen_addresses: '127.0.0.1', unix_socket_directories: '', timezone: 'UTC', max_connections: 200 };
  const flags = Object.entries({ ...fixed, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { postgres } = await postgresBinaries();
  const [program = '', ...args] = [...user.prefix, postgres, '-D', cluster, ...flags];
  const logFile = join(cluster, '..', 'postgres.log');
  // INT is Postgres' fast shutdown; TERM would wait for clients to leave.
  const process = supervise({ program, args, cwd: '/', stopSignal: 'INT', logFile });
  await untilReady({ name: 'postgres', process, logFile, probe: () => takesConnections(Number(settings['port'])) });
  return process;
}

/** A start-up packet is answered by `R` (authentication) when the server is up, by `E` while it recovers. */
function takesConnections(port: number): Promise<boolean> {
  return new Promise((done, reject) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
    socket.on('connect', () => socket.write(startupPacket()));
    socket.on('data', (chunk) => {
      done(chunk.toString('latin1', 0, 1) === 'R');
      socket.destroy();
    });
    socket.on('timeout', () => socket.destroy());
    socket.on('error', reject);
    socket.on('close', () => {
      done(false);
    });
  });
}

function startupPacket(): Buffer {
  const body = Buffer.from(`user\0${owner}\0database\0postgres\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, body]);
}
