import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type DemoExample, revokeOnBeat } from './demo-revocations.js';
import { type DirectoryLock, lockDirectory } from './directory-lock.js';
import type { Environment } from './environment.js';
import { type Keeping, type Part } from './kept-part.js';
import { KeptParts } from './kept-parts.js';
import type { LockRegistry } from './lock-registry.js';
import { type ServiceProgram, startService } from './service-process.js';
import { planStack, type StackPlan } from './stack-plan.js';
import { planPorts, wantedPort } from './stack-ports.js';
import { demoChain, kafkaServer, postgresServer, type StackServer } from './stack-servers.js';
import { untilAnswers } from './until-answers.js';

export interface StackPrograms {
  /** Runs to its end before the services start. */
  readonly migrate: ServiceProgram;
  readonly services: readonly ServiceProgram[];
  /** Name of the service that serves PORT and whose /readyz says that answers can be given. */
  readonly answering: string;
}

export interface StackOptions extends Keeping {
  /** Data, logs and the lock; one stack per directory. */
  readonly dataDir: string;
  readonly programs: StackPrograms;
  /** `PORT`, and what names servers and the chain; handed on to the services. */
  readonly environment: Environment;
  /** Milliseconds between two demo revocations. Default 3000. */
  readonly demoBeatMs?: number;
}

/** Runs everything until aborted, then stops it in order. Rejects when it cannot start or a part dies for good. */
export async function runStack(options: StackOptions, signal: AbortSignal): Promise<void> {
  const plan = planStack(options.environment);
  const dataDir = resolve(options.dataDir);
  const lock = await lockDirectory(dataDir);
  const parts = new KeptParts(options);
  const ending = new AbortController();
  const stack = { ...options, dataDir, plan, parts, lock, ending: ending.signal };
  try {
    await Promise.race([run(stack), once(signal, 'abort')]);
  } finally {
    ending.abort();
    await parts.stop();
    await lock.release();
  }
}

interface Stack extends StackOptions {
  readonly plan: StackPlan;
  readonly parts: KeptParts;
  readonly lock: DirectoryLock;
  readonly ending: AbortSignal;
}

async function run(stack: Stack): Promise<void> {
  const { programs, parts, say, lock } = stack;
  const names = programs.services.map(({ name }) => name);
  const wanted = wantedPort(stack.environment);
  const ports = await planPorts(names, programs.answering, wanted);
  if (!ports.url.endsWith(`:${wanted}`)) say(`port ${wanted} is taken`);
  await lock.announce(ports.url);
  await mkdir(join(stack.dataDir, 'logs'), { recursive: true });
  const servers = await startServers(stack);
  const environment = { ...stack.environment, NETWORK: stack.plan.network, ...servers.variables };
  await migrate(stack, environment);
  await Promise.all(
    programs.services.map((program) =>
      keepService(stack, program, { ...environment, ...ports.variablesOf(program.name) }),
    ),
  );
  const over = parts.over();
  await Promise.race([over, untilAnswers(ports.readyUrl, stack)]);
  sayHowToAsk(say, ports.url, servers.demo?.example);
  if (servers.demo !== undefined) void revokeOnBeat(servers.demo.registry, stack.demoBeatMs ?? 3000, stack.ending);
  await over;
}

interface Started {
  readonly variables: Readonly<Record<string, string>>;
  readonly demo: { readonly registry: LockRegistry; readonly example: DemoExample } | undefined;
}

async function startServers(stack: Stack): Promise<Started> {
  const { plan, dataDir } = stack;
  const [kafka, postgres, chain] = await Promise.all([
    plan.kafka ? keepServer(stack, 'kafka', () => kafkaServer(dataDir)) : undefined,
    plan.postgres ? keepServer(stack, 'postgres', () => postgresServer(dataDir)) : undefined,
    plan.chain ? keepServer(stack, 'chain', () => demoChain(dataDir)) : undefined,
  ]);
  return { variables: { ...kafka?.variables, ...postgres?.variables, ...chain?.variables }, demo: chain };
}

/** Its clients know it by its first address: with another one it counts as not restarted. */
async function keepServer<S extends StackServer>(stack: Stack, name: string, start: () => Promise<S>): Promise<S> {
  stack.say(`starting ${name}`);
  const first = await start();
  let next: Promise<S> | undefined = Promise.resolve(first);
  const part: Part = {
    name,
    start: async () => {
      const server = await (next ?? start());
      next = undefined;
      if (server.address === first.address) return server;
      await server.stop();
      throw new Error(`${name} could not get its address ${first.address} back`);
    },
  };
  await stack.parts.keep('server', part);
  stack.say(`${name} is up: ${first.address}`);
  return first;
}

async function migrate({ programs, dataDir, say }: Stack, environment: Environment): Promise<void> {
  const logFile = join(dataDir, 'logs', `${programs.migrate.name}.log`);
  const { code } = await startService(programs.migrate, { environment, logFile, say }).exited;
  if (code !== 0) throw new Error(`the migration of the database failed, see ${logFile}`);
}

async function keepService(stack: Stack, program: ServiceProgram, environment: Environment): Promise<void> {
  const logFile = join(stack.dataDir, 'logs', `${program.name}.log`);
  const start = (): ReturnType<Part['start']> =>
    Promise.resolve(startService(program, { environment, logFile, say: stack.say }));
  await stack.parts.keep('service', { name: program.name, start });
}

function sayHowToAsk(say: (line: string) => void, url: string, example: DemoExample | undefined): void {
  const lock = `${url}/api/v1/monitor/lock/${String(example?.lockId ?? 1)}`;
  say(`curl ${url}/api/v1/monitor/health`);
  say(`curl ${lock}/revocations`);
  say(`curl ${lock}/signature/${example?.signatureHash ?? `0x${'0'.repeat(64)}`}/revoked`);
  say(`ready ${url}`);
}
