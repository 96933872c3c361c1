import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inCheckout } from './checkout.js';
import { requireImages, startKafkaContainer, startPostgresContainer } from './containers.js';
import { dockerEngineAnswers } from './docker-engine.js';
import { environment, setEnvironment } from './environment.js';
import { startKafka } from './kafka.js';
import { startPostgres } from './postgres.js';
import type { TestServer } from './test-server.js';

const started: TestServer[] = [];

/**
 * One Kafka and one Postgres for a whole test run, announced as KAFKA_BROKERS and DATABASE_URL:
 * those that the environment names, else containers, else embedded ones.
 */
export async function startTestServers(): Promise<void> {
  const { KAFKA_BROKERS: brokers, DATABASE_URL: databaseUrl } = environment();
  const needed: Need[] = [];
  if (brokers === undefined) needed.push({ variable: 'KAFKA_BROKERS', kind: 'kafka' });
  if (databaseUrl === undefined) needed.push({ variable: 'DATABASE_URL', kind: 'postgres' });
  if (brokers !== undefined) say('kafka: as KAFKA_BROKERS names it');
  if (databaseUrl !== undefined) say('postgres: as DATABASE_URL names it');
  if (needed.length > 0) await start(needed, (await containersWork()) ? containers : await embedded());
}

async function start(needed: readonly Need[], source: Source): Promise<void> {
  await Promise.all(
    needed.map(async ({ variable, kind }) => {
      const server = await source[kind]();
      started.push(server);
      setEnvironment({ [variable]: server.address });
      say(`${kind}: ${source.name}, ${server.address.replace(/\/\/.*@/, '//')}`);
    }),
  );
}

/** Also called when nothing was started. */
export async function stopTestServers(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await rm(directoryOf(process.pid), { recursive: true, force: true });
}

interface Need {
  readonly variable: 'KAFKA_BROKERS' | 'DATABASE_URL';
  readonly kind: 'kafka' | 'postgres';
}

interface Source {
  readonly name: string;
  kafka(): Promise<TestServer>;
  postgres(): Promise<TestServer>;
}

const containers: Source = { name: 'container', kafka: startKafkaContainer, postgres: startPostgresContainer };

async function containersWork(): Promise<boolean> {
  if (!(await dockerEngineAnswers())) return false;
  try {
    await requireImages();
    return true;
  } catch {
    say('a Docker engine answers, but it has not got the images and cannot pull them');
    return false;
  }
}

async function embedded(): Promise<Source> {
  await removeAbandoned();
  const directory = directoryOf(process.pid);
  await mkdir(directory, { recursive: true });
  return {
    name: 'embedded',
    kafka: async () => {
      const kafka = await startKafka({ dataDir: join(directory, 'kafka') });
      return { address: kafka.brokers, stop: () => kafka.stop() };
    },
    postgres: async () => {
      const postgres = await startPostgres({ dataDir: join(directory, 'postgres') });
      return { address: postgres.url, stop: () => postgres.stop() };
    },
  };
}

function directoryOf(pid: number): string {
  return inCheckout('.cache', 'test-servers', String(pid));
}

/** Directories of runs that were killed. */
async function removeAbandoned(): Promise<void> {
  const runs = await readdir(inCheckout('.cache', 'test-servers')).catch(() => []);
  const abandoned = runs.map(Number).filter((pid) => !isAlive(pid));
  await Promise.all(abandoned.map((pid) => rm(directoryOf(pid), { recursive: true, force: true })));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function say(line: string): void {
  process.stderr.write(`test servers: ${line}\n`);
}
