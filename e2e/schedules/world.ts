import { testServers, uniqueTopicPrefix } from '@hybrid-sync/devstack';
import type { Variables } from '../service-process.js';
import type { TopicRecord } from '../topic-client.js';
import { TopicSession } from '../topic-session.js';
import { Commands } from './commands.js';
import { Endpoints } from './endpoints.js';
import { Replicas } from './replicas.js';
import type { IngesterName } from './schedule.js';
import { ScheduledChain } from './scheduled-chain.js';

interface Parts {
  readonly chain: ScheduledChain;
  readonly endpoints: Endpoints;
  readonly session: TopicSession;
  readonly prefix: string;
}

/** A chain, its endpoints, topics and two replicas of each ingester. Schedules happen to it one after the other. */
export class World {
  readonly chain: ScheduledChain;
  readonly endpoints: Endpoints;
  readonly commands: Commands;
  readonly replicas: Readonly<Record<IngesterName, Replicas>>;
  readonly #session: TopicSession;
  readonly #prefix: string;

  private constructor({ chain, endpoints, session, prefix }: Parts) {
    this.chain = chain;
    this.endpoints = endpoints;
    this.#session = session;
    this.#prefix = prefix;
    this.commands = new Commands(session, this.#topic('sync-commands'));
    const variables = variablesOf({ chain, endpoints, prefix });
    this.replicas = {
      'ingest-realtime': new Replicas('ingest-realtime', variables),
      'ingest-batch': new Replicas('ingest-batch', variables),
    };
  }

  static async start(endpointCount: number): Promise<World> {
    const chain = await ScheduledChain.start();
    const endpoints = await Endpoints.start(endpointCount, chain.url);
    const session = await TopicSession.open(testServers().brokers);
    const world = new World({ chain, endpoints, session, prefix: uniqueTopicPrefix() });
    try {
      await Promise.all(world.#pairs.map((replicas) => replicas.start()));
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  statuses(): Promise<readonly TopicRecord[]> {
    return this.#session.read(this.#topic('sync-status'));
  }

  revocationRecords(): Promise<readonly TopicRecord[]> {
    return this.#session.read(this.#topic('signature-revocations'));
  }

  /** Nothing is wrong any more: endpoints answer as the chain does, and every replica runs. */
  async heal(): Promise<void> {
    this.endpoints.healAll();
    await Promise.all(this.#pairs.map((replicas) => replicas.allBack()));
  }

  /** What the replicas have printed and what is on the topics, one line each. */
  async describe(): Promise<readonly string[]> {
    const records = [...(await this.statuses()), ...(await this.revocationRecords())];
    const written = records.map(
      ({ partition, offset, key, value }) => `${partition} ${offset} ${String(key)} ${String(value)}`,
    );
    return [...this.#pairs.flatMap((replicas) => replicas.lines), ...written];
  }

  tails(): string {
    return this.#pairs.map((replicas) => replicas.tails()).join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(this.#pairs.map((replicas) => replicas.kill()));
    await Promise.all([this.endpoints.close(), this.chain.close(), this.#session.close()]);
  }

  get #pairs(): readonly Replicas[] {
    return Object.values(this.replicas);
  }

  #topic(name: 'signature-revocations' | 'sync-status' | 'sync-commands'): string {
    return `${this.#prefix}.${name}.v1`;
  }
}

function variablesOf({ chain, endpoints, prefix }: Omit<Parts, 'session'>): Variables {
  return {
    NETWORK: 'local',
    LOCAL_RPC_URL: endpoints.urls,
    LOCAL_CONTRACT_ADDRESS: chain.registry.address,
    LOCAL_START_BLOCK: String(chain.registry.blockNumber),
    KAFKA_BROKERS: testServers().brokers,
    KAFKA_TOPIC_PREFIX: prefix,
    MANAGEMENT_PORT: '0',
    POLL_INTERVAL_MS: '200',
    // A pass every second, in several pieces: the two ingesters are in each other's way all the time.
    BATCH_SYNC_INTERVAL_MINUTES: '0.02',
    BATCH_SYNC_SIZE: '40',
  };
}
