import {
  deployLockRegistry,
  freePort,
  rpcCall,
  startChain,
  startFaultProxy,
  testServers,
  uniqueTopicPrefix,
  type Chain,
  type ChainOptions,
  type FaultProxy,
  type Faults,
  type LockRegistry,
  type ProxiedCall,
} from '@hybrid-sync/devstack';
import { z } from 'zod';
import { canonicalRevocations, foldedRevocations, type Revocations } from '../canonical-revocations.js';
import { eventually } from '../eventually.js';
import { ServiceProcess, type Variables } from '../service-process.js';
import { brokenClaims, claimsOf, type Claim } from '../schedules/claims.js';
import { TopicSession } from '../topic-session.js';
import type { TopicRecord } from '../topic-client.js';
import { componentStatuses, type ComponentStatus } from './component-status.js';

export const ingesters = ['ingest-realtime', 'ingest-batch'] as const;
export type Ingester = (typeof ingesters)[number];

/** Stands in every URL: it must turn up nowhere. */
const canary = 'c4naryRpcKey0123456789';

/** Last part of the path on which a service calls; short, because what is long in a URL is masked in its log. */
const marks = { 'ingest-realtime': 'r', 'ingest-batch': 'b' } as const;

/** Whether the call came from that service. */
export function isFrom(name: Ingester): (call: ProxiedCall) => boolean {
  return ({ path }) => path.endsWith(`/${marks[name]}`);
}

export interface IngestionOptions {
  /** How many endpoints are named, each behind a proxy of its own. Default 1. */
  readonly endpoints?: number;
  readonly variables?: Variables;
  readonly chain?: ChainOptions;
}

interface Parts {
  readonly chain: Chain;
  readonly registry: LockRegistry;
  readonly proxies: readonly FaultProxy[];
  readonly session: TopicSession;
  readonly variables: Variables;
}

const block = z.object({ number: z.string(), hash: z.string() });

/** Both built ingesters, on a chain of their own behind fault proxies, and an independent look at chain and topics. */
export class Ingestion {
  readonly chain: Chain;
  readonly registry: LockRegistry;
  readonly proxies: readonly FaultProxy[];
  readonly prefix = uniqueTopicPrefix();
  readonly #parts: Parts;
  readonly #managementPorts = new Map<ServiceProcess, number>();
  readonly #running: ServiceProcess[] = [];
  #judged = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.chain = parts.chain;
    this.registry = parts.registry;
    this.proxies = parts.proxies;
  }

  /** Nothing runs yet but the chain and the proxies. Final is what lies two blocks below the head. */
  static async create({
    endpoints = 1,
    variables = {},
    chain: options = {},
  }: IngestionOptions = {}): Promise<Ingestion> {
    const chain = await startChain({ slotsInAnEpoch: 1, ...options });
    const registry = await deployLockRegistry(chain.url);
    const proxies = await Promise.all(Array.from({ length: endpoints }, () => startFaultProxy(chain.url)));
    const session = await TopicSession.open(testServers().brokers);
    return new Ingestion({ chain, registry, proxies, session, variables });
  }

  /** One of each ingester, ready. */
  async start(): Promise<void> {
    await Promise.all(ingesters.map((name) => this.run(name)));
  }

  /** One more process of that service, ready. */
  async run(name: Ingester, variables: Variables = {}): Promise<ServiceProcess> {
    const process = await this.launch(name, variables);
    await process.ready();
    return process;
  }

  /** As {@link run}, but not waited for. */
  async launch(name: Ingester, variables: Variables = {}): Promise<ServiceProcess> {
    const port = await freePort();
    const process = new ServiceProcess(`${name}/dist/main.js`, { ...this.#variablesOf(name, port), ...variables });
    this.#managementPorts.set(process, port);
    this.#running.push(process);
    process.start();
    return process;
  }

  /** The oldest process of that service. */
  service(name: Ingester): ServiceProcess {
    const found = this.#running.find(({ program }) => program.startsWith(name));
    if (found === undefined) throw new Error(`${name} was not started`);
    return found;
  }

  get proxy(): FaultProxy {
    const [first] = this.proxies;
    if (first === undefined) throw new Error('there is no proxy');
    return first;
  }

  /** The faults at every endpoint. */
  set(faults: Faults): void {
    for (const proxy of this.proxies) proxy.set(faults);
  }

  heal(): void {
    this.set({});
  }

  /** Every record of a topic. */
  records(name: 'signature-revocations' | 'sync-status'): Promise<readonly TopicRecord[]> {
    return this.#parts.session.read(this.topic(name));
  }

  topic(name: 'signature-revocations' | 'sync-status'): string {
    return `${this.prefix}.${name}.v1`;
  }

  rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return rpcCall(this.chain.url, method, params);
  }

  async mine(blocks: number): Promise<void> {
    await this.rpc('anvil_mine', `0x${blocks.toString(16)}`);
  }

  async blockAt(tag: string): Promise<{ readonly number: number; readonly hash: string }> {
    const { number, hash } = block.parse(await this.rpc('eth_getBlockByNumber', tag, false));
    return { number: Number(number), hash };
  }

  canonical(): Promise<Revocations> {
    return canonicalRevocations(this.chain.url, this.registry.address);
  }

  async live(): Promise<Revocations> {
    return foldedRevocations(await this.records('signature-revocations'));
  }

  /** Everything that an ingester said of itself, oldest first. */
  async statuses(name: Ingester): Promise<readonly ComponentStatus[]> {
    return componentStatuses(await this.records('sync-status')).filter(({ component }) => component === name);
  }

  /** Status and body of `/readyz` or another path of the management port. */
  async ask(process: ServiceProcess, path: string): Promise<{ readonly status: number; readonly text: string }> {
    const url = `http://127.0.0.1:${this.#managementPorts.get(process) ?? 0}${path}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return { status: answer.status, text: await answer.text() };
  }

  /** As {@link eventually}; a failure comes with the last log lines of the services. */
  async eventually<T>(what: string, attempt: () => T | Promise<T>, seconds?: number): Promise<T> {
    try {
      return await eventually(what, attempt, seconds);
    } catch (error) {
      const tails = this.#running.map((process) => `--- ${process.program}\n${process.tail()}`);
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${tails.join('\n')}`, {
        cause: error,
      });
    }
  }

  /**
   * Resolves when the topic is what the chain is now, both ingesters say so, and what is final was read again. No claim
   * of coverage on the way there may have been false.
   */
  async inStep(seconds?: number): Promise<Revocations> {
    const [head, finalized, canonical] = [
      await this.blockAt('latest'),
      await this.blockAt('finalized'),
      await this.canonical(),
    ];
    await this.eventually(
      'in step with the chain',
      async () => {
        const realtime = (await this.statuses('ingest-realtime')).at(-1);
        const batch = (await this.statuses('ingest-batch')).at(-1);
        if (realtime?.coveredToHash !== head.hash) throw new Error(`realtime covers ${String(realtime?.coveredTo)}`);
        if ((batch?.settledTo ?? -1) < finalized.number) throw new Error(`batch settled ${String(batch?.settledTo)}`);
        requireEqual(await this.live(), canonical);
      },
      seconds,
    );
    await this.requireTrueClaims();
    return canonical;
  }

  /** Of every record the distinct values: what both ingesters publish at the same time is there twice, to the byte. */
  async distinctRecords(): Promise<number> {
    const records = await this.records('signature-revocations');
    return new Set(records.map(({ key, value }) => `${String(key)} ${String(value)}`)).size;
  }

  /** Judges what was claimed since the last time. @param counts which claims; default all */
  async requireTrueClaims(counts: (claim: Claim) => boolean = () => true): Promise<void> {
    const { number: head } = await this.blockAt('latest');
    const numbers = Array.from({ length: head + 1 }, (_, number) => number);
    const blocks = await Promise.all(numbers.map((number) => this.blockAt(`0x${number.toString(16)}`)));
    const hashes = new Map(blocks.map(({ number, hash }) => [number, hash]));
    const statuses = await this.records('sync-status');
    const claims = claimsOf(statuses, this.#judged).filter(counts);
    this.#judged = statuses.length;
    const records = await this.records('signature-revocations');
    const broken = brokenClaims(claims, records, { hashes, revocations: await this.canonical() });
    if (broken.length > 0) throw new Error(`false claims: ${broken.join('\n')}`);
  }

  /** Everything that any process printed. */
  get output(): readonly string[] {
    return this.#running.flatMap(({ lines }) => lines);
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((process) => process.kill()));
    await Promise.all([this.#parts.session.close(), ...this.proxies.map((proxy) => proxy.close()), this.chain.kill()]);
  }

  #variablesOf(name: Ingester, managementPort: number): Variables {
    const path = `/v2/${canary}/${marks[name]}`;
    const urls = [...this.proxies.map(({ url }) => url), this.proxy.wsUrl].map((url) => `${url}${path}`);
    return {
      NETWORK: 'local',
      LOCAL_RPC_URL: urls.join(),
      LOCAL_CONTRACT_ADDRESS: this.registry.address,
      LOCAL_START_BLOCK: String(this.registry.blockNumber),
      KAFKA_BROKERS: testServers().brokers,
      KAFKA_TOPIC_PREFIX: this.prefix,
      KAFKA_REPLICATION_FACTOR: '1',
      BATCH_SYNC_INTERVAL_MINUTES: '0.02',
      HOST: '127.0.0.1',
      MANAGEMENT_PORT: String(managementPort),
      ...this.#parts.variables,
    };
  }
}

function requireEqual(live: Revocations, canonical: Revocations): void {
  const wrong = [...canonical.keys()].filter((key) => !isSame(live, canonical, key));
  const invented = [...live.keys()].filter((key) => !canonical.has(key));
  if (wrong.length + invented.length === 0) return;
  throw new Error(`of ${canonical.size}: missing or wrong ${wrong.length}, invented ${invented.length}`);
}

function isSame(live: Revocations, canonical: Revocations, key: string): boolean {
  return JSON.stringify(live.get(key)) === JSON.stringify(canonical.get(key));
}
