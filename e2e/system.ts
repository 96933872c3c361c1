import {
  createDatabase,
  deployLockRegistry,
  freePort,
  rpcCall,
  startChain,
  testServers,
  uniqueTopicPrefix,
  type Chain,
  type ChainOptions,
  type Exit,
  type LockRegistry,
  type TestDatabase,
} from '@hybrid-sync/devstack';
import { z } from 'zod';
import { eventually } from './eventually.js';
import { MonitorClient } from './monitor-client.js';
import { ServiceProcess, serviceNames, type ServiceName, type Variables } from './service-process.js';
import { TopicClient } from './topic-client.js';

const blockAnswer = z.object({ hash: z.string() }).nullable();
const readyAnswer = z.object({ reasons: z.array(z.string()) });
const asOfAnswer = z.object({ asOf: z.object({ blockNumber: z.number(), blockHash: z.string() }).nullable() });

/** Parts that end with the system. */
interface Parts {
  readonly chain: Chain;
  readonly registry: LockRegistry;
  readonly database: TestDatabase;
  readonly prefix: string;
  readonly port: number;
  readonly shared: Variables;
  readonly services: ReadonlyMap<ServiceName, ManagedService>;
}

interface ManagedService {
  readonly process: ServiceProcess;
  readonly managementPort: number;
}

/** A chain with the demo contract, a migrated database, topics of its own and the four built services. */
export class System {
  readonly chain: Chain;
  readonly registry: LockRegistry;
  readonly database: TestDatabase;
  readonly topics: TopicClient;
  readonly api: MonitorClient;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.chain = parts.chain;
    this.registry = parts.registry;
    this.database = parts.database;
    this.topics = new TopicClient(parts.shared['KAFKA_BROKERS'] ?? testServers().brokers);
    this.api = new MonitorClient(`http://127.0.0.1:${parts.port}`);
  }

  /** Nothing runs yet but the chain. @param variables for every service, over the ones that the test servers call for */
  static async create(variables: Variables = {}, options: ChainOptions = {}): Promise<System> {
    const [chain, database] = await Promise.all([startChain(options), createDatabase()]);
    const [registry] = await Promise.all([deployLockRegistry(chain.url), migrate(database)]);
    const prefix = uniqueTopicPrefix();
    const port = await freePort();
    const shared = { ...variablesOf({ chain, registry, database, prefix }), PORT: String(port), ...variables };
    const services = new Map<ServiceName, ManagedService>();
    for (const name of serviceNames) {
      const managementPort = await freePort();
      const own = { ...shared, MANAGEMENT_PORT: String(managementPort) };
      services.set(name, { process: new ServiceProcess(`${name}/dist/main.js`, own), managementPort });
    }
    return new System({ chain, registry, database, prefix, port, shared, services });
  }

  /** Starts the named services, all of them where none is named; resolves when they are ready. */
  async start(...names: readonly ServiceName[]): Promise<void> {
    const wanted = (names.length === 0 ? serviceNames : names).map((name) => this.service(name));
    for (const service of wanted) service.start();
    await Promise.all(wanted.map((service) => service.ready()));
  }

  /** First part of the names of the topics. */
  get prefix(): string {
    return this.#parts.prefix;
  }

  service(name: ServiceName): ServiceProcess {
    return this.#managed(name).process;
  }

  /** Another built program, with the variables that all services have. */
  program(file: string): ServiceProcess {
    return new ServiceProcess(file, this.#parts.shared);
  }

  /** Why a service is not ready; empty where it is. */
  async unreadyReasons(name: ServiceName): Promise<readonly string[]> {
    const answer = await fetch(`http://127.0.0.1:${this.#managed(name).managementPort}/readyz`);
    return readyAnswer.parse(await answer.json()).reasons;
  }

  async metricsText(name: ServiceName): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.#managed(name).managementPort}/metrics`)).text();
  }

  /** A metric of a service, summed over its labels. */
  async metric(name: ServiceName, metric: string): Promise<number> {
    const lines = (await this.metricsText(name)).split('\n').filter((line) => line.startsWith(metric));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  topic(name: 'signature-revocations' | 'sync-status' | 'sync-commands' | 'dead-letters'): string {
    return `${this.#parts.prefix}.${name}.v1`;
  }

  /** As {@link eventually}; a failure comes with the last log lines of every service. */
  async eventually<T>(what: string, attempt: () => T | Promise<T>, seconds?: number): Promise<T> {
    try {
      return await eventually(what, attempt, seconds);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${this.#tails()}`, { cause: error });
    }
  }

  /** Calls the chain's node. */
  rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return rpcCall(this.chain.url, method, params);
  }

  async head(): Promise<number> {
    return Number(await this.rpc('eth_blockNumber'));
  }

  async mine(blocks: number): Promise<void> {
    await this.rpc('anvil_mine', `0x${blocks.toString(16)}`);
  }

  /** Resolves when answers are complete up to the present head, or to a later block of the chain as it then is. */
  async synced(): Promise<void> {
    const head = await this.head();
    await this.eventually(`answers as of block ${head}`, async () => {
      const { body } = await this.api.ask('0', 'nothing', '?allowStale=true');
      const { asOf } = asOfAnswer.parse(body);
      if (asOf === null || asOf.blockNumber < head || asOf.blockHash !== (await this.#hashOf(asOf.blockNumber))) {
        throw new Error(JSON.stringify(body));
      }
    });
  }

  /** SIGTERM to every service that runs; their exits in the order of {@link serviceNames}. */
  async stopServices(): Promise<readonly (Exit | null)[]> {
    return Promise.all(serviceNames.map((name) => this.service(name).stop()));
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await Promise.all(serviceNames.map((name) => this.service(name).kill()));
    await Promise.all([this.chain.kill(), this.database.drop()]);
  }

  /** Null where the chain has no such block. */
  async #hashOf(blockNumber: number): Promise<string | null> {
    const block = await this.rpc('eth_getBlockByNumber', `0x${blockNumber.toString(16)}`, false);
    return blockAnswer.parse(block)?.hash ?? null;
  }

  #managed(name: ServiceName): ManagedService {
    const service = this.#parts.services.get(name);
    if (service === undefined) throw new Error(`no service ${name}`);
    return service;
  }

  #tails(): string {
    return serviceNames.map((name) => `--- ${name}\n${this.service(name).tail()}`).join('\n');
  }
}

async function migrate({ url }: TestDatabase): Promise<void> {
  const migration = new ServiceProcess('projector/dist/migrate.js', { DATABASE_URL: url });
  migration.start();
  const { code } = await migration.ended();
  if (code !== 0) throw new Error(`migrate.js ended with ${String(code)}\n${migration.tail()}`);
}

function variablesOf({ chain, registry, database, prefix }: Omit<Parts, 'services' | 'shared' | 'port'>): Variables {
  return {
    NETWORK: 'local',
    LOCAL_RPC_URL: `${chain.url},${chain.url.replace('http', 'ws')}`,
    LOCAL_CONTRACT_ADDRESS: registry.address,
    LOCAL_START_BLOCK: String(registry.blockNumber),
    LOCAL_CHAIN_ID: '31337',
    KAFKA_BROKERS: testServers().brokers,
    KAFKA_TOPIC_PREFIX: prefix,
    DATABASE_URL: database.url,
    HOST: '127.0.0.1',
  };
}
