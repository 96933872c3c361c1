import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { javaCommand, requireJava } from './java.js';
import { kafkaClassPath } from './kafka-jars.js';
import { brokerCount } from './kafka-probe.js';
import { type KafkaNodePlan, type KafkaProperties, log4jProperties, serverProperties } from './kafka-properties.js';
import { untilReady } from './readiness.js';
import { type Exit, type Supervised, supervise } from './supervised.js';

const run = promisify(execFile);

export interface KafkaOptions {
  /** Keeps topics, offsets and ports over restarts. */
  readonly dataDir: string;
  /** Of the first broker: that of the last run when it is free, else this one, else any. */
  readonly port?: number;
  readonly nodes?: 1 | 3;
  /** Broker settings that win over the defaults, such as `log.cleaner.backoff.ms`; of every node, or of each. */
  readonly properties?: KafkaProperties | ((node: KafkaNodePlan) => KafkaProperties);
}

/** One of the brokers. */
export interface KafkaNode {
  readonly nodeId: number;
  readonly directory: string;
  /** Of the process that runs, or ran last. */
  readonly pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** After its end, with the same data and ports; resolves when it answers as a member of the cluster. */
  start(): Promise<void>;
}

export interface Kafka {
  /** `host:port`, comma-separated. */
  readonly brokers: string;
  /** Holds the broker, its tools and the Java clients with their codecs. */
  readonly classPath: string;
  readonly pids: readonly number[];
  readonly nodes: readonly KafkaNode[];
  /** Resolves when the first of the nodes has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
  /** SIGKILL of every node. */
  kill(): Promise<void>;
}

/** Kafka 4.3 in KRaft combined mode; resolves when every broker answers. Needs Java 17 and, once, Maven. */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  await requireJava();
  const classPath = await kafkaClassPath();
  const cluster = await planCluster(options);
  await Promise.all(cluster.map((node) => configure(node, cluster, options.properties ?? {})));
  await formatOnce(resolve(options.dataDir), cluster, classPath);
  const nodes = cluster.map((plan) => new Node(plan, classPath, cluster.length));
  await allReady(nodes);
  return {
    brokers: cluster.map(({ brokerPort }) => `127.0.0.1:${brokerPort}`).join(','),
    classPath,
    get pids() {
      return nodes.map(({ pid }) => pid);
    },
    nodes,
    exited: Promise.race(nodes.map(({ exited }) => exited)),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
    kill: async () => {
      await Promise.all(nodes.map((node) => node.kill()));
    },
  };
}

class Node implements KafkaNode {
  readonly #plan: KafkaNodePlan;
  readonly #classPath: string;
  readonly #nodes: number;
  #process: Supervised;

  constructor(plan: KafkaNodePlan, classPath: string, nodes: number) {
    this.#plan = plan;
    this.#classPath = classPath;
    this.#nodes = nodes;
    this.#process = startNode(plan, classPath, nodes);
  }

  get nodeId(): number {
    return this.#plan.nodeId;
  }

  get directory(): string {
    return this.#plan.directory;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get exited(): Promise<Exit> {
    return this.#process.exited;
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  async start(): Promise<void> {
    this.#process = startNode(this.#plan, this.#classPath, this.#nodes);
    await this.ready((brokers) => brokers > 0);
  }

  /** @param knows how many brokers it must know of */
  async ready(knows: (brokers: number) => boolean): Promise<void> {
    const logFile = join(this.#plan.directory, 'broker.log');
    const probe = async (): Promise<boolean> => knows(await brokerCount(this.#plan.brokerPort));
    await untilReady({ name: `kafka node ${this.nodeId}`, process: this.#process, logFile, probe });
  }
}

async function planCluster({ dataDir, port, nodes = 1 }: KafkaOptions): Promise<KafkaNodePlan[]> {
  const cluster: KafkaNodePlan[] = [];
  for (let nodeId = 1; nodeId <= nodes; nodeId++) {
    const directory = join(resolve(dataDir), `node-${nodeId}`);
    const last = await lastPorts(directory);
    const brokerPort = await freePort(last.brokerPort, nodeId === 1 ? port : undefined);
    cluster.push({ nodeId, directory, brokerPort, controllerPort: await freePort(last.controllerPort) });
  }
  return cluster;
}

/** Clients that outlive a restart find the broker where it was. */
async function lastPorts(directory: string): Promise<{ brokerPort?: number; controllerPort?: number }> {
  const properties = await readFile(join(directory, 'server.properties'), 'utf8').catch(() => '');
  const found = /^listeners=PLAINTEXT:\/\/[^:]+:(\d+),CONTROLLER:\/\/[^:]+:(\d+)$/m.exec(properties);
  return found === null ? {} : { brokerPort: Number(found[1]), controllerPort: Number(found[2]) };
}

async function configure(
  node: KafkaNodePlan,
  cluster: readonly KafkaNodePlan[],
  overrides: NonNullable<KafkaOptions['properties']>,
): Promise<void> {
  const own = typeof overrides === 'function' ? overrides(node) : overrides;
  await mkdir(node.directory, { recursive: true });
  await writeFile(join(node.directory, 'log4j2.properties'), log4jProperties());
  await writeFile(join(node.directory, 'server.properties'), serverProperties(node, cluster, own));
}

/** Without the mark a former format did not finish, so nothing was ever stored. */
async function formatOnce(dataDir: string, cluster: readonly KafkaNodePlan[], classPath: string): Promise<void> {
  const mark = join(dataDir, 'formatted');
  if (existsSync(mark)) return;
  const clusterId = Buffer.from(randomUUID().replaceAll('-', '').slice(0, 16)).toString('base64url');
  await Promise.all(cluster.map((node) => format(node, classPath, clusterId)));
  await writeFile(mark, `${clusterId}\n`);
}

async function format({ directory }: KafkaNodePlan, classPath: string, clusterId: string): Promise<void> {
  await rm(join(directory, 'log'), { recursive: true, force: true });
  const tool = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId];
  const config = ['--config', join(directory, 'server.properties')];
  await run(javaCommand(), [...javaOptions(directory, 128), '-cp', classPath, ...tool, ...config]);
}

function startNode({ directory }: KafkaNodePlan, classPath: string, nodes: number): Supervised {
  const heap = nodes === 1 ? 384 : 256;
  return supervise({
    program: javaCommand(),
    args: [...javaOptions(directory, heap), '-cp', classPath, 'kafka.Kafka', join(directory, 'server.properties')],
    logFile: join(directory, 'broker.log'),
  });
}

function javaOptions(directory: string, heapMegabytes: number): string[] {
  const log4j = join(directory, 'log4j2.properties');
  return [`-Xmx${heapMegabytes}m`, '-XX:+UseSerialGC', `-Dlog4j2.configurationFile=${log4j}`];
}

async function allReady(nodes: readonly Node[]): Promise<void> {
  try {
    await Promise.all(nodes.map((node) => node.ready((brokers) => brokers === nodes.length)));
  } catch (error) {
    await Promise.all(nodes.map((node) => node.kill()));
    throw error;
  }
}
