import { randomBytes } from 'node:crypto';
import { freePort, type TestDatabase } from '@hybrid-sync/devstack';
import { MonitorClient } from '../monitor-client.js';
import { ServiceProcess, type Variables } from '../service-process.js';
import type { TopicRecord } from '../topic-client.js';
import type { Outgoing, PartitionEnds } from '../topic-session.js';
import { deployment, recordOf } from './drafts.js';
import { Fleet } from './fleet.js';
import type { Servers } from './servers.js';
import { appliedOffsets } from './tables.js';
import { WatchedRows } from './watched-rows.js';

const topicNames = {
  revocations: 'signature-revocations',
  status: 'sync-status',
  entries: 'signature-entries',
  commands: 'sync-commands',
  deadLetters: 'dead-letters',
} as const;
export type TopicName = keyof typeof topicNames;

/** Revoked at the beginning and never again: see {@link WatchedRows}. */
const watched = Array.from({ length: 20 }, (_, index) => 1_000_000 + index);

/** Topics, a database and projectors of one test, on servers that outlive it. */
export class World {
  readonly servers: Servers;
  readonly database: TestDatabase;
  readonly fleet: Fleet;
  readonly programs: ServiceProcess[] = [];
  readonly #prefix: string;
  readonly #variables: Variables;
  #watch: WatchedRows | null = null;

  private constructor(servers: Servers, database: TestDatabase, overrides: Variables) {
    this.servers = servers;
    this.database = database;
    this.#prefix = `test-${randomBytes(6).toString('hex')}`;
    this.#variables = {
      NETWORK: 'local',
      LOCAL_CHAIN_ID: String(deployment.chainId),
      LOCAL_CONTRACT_ADDRESS: deployment.contract,
      KAFKA_BROKERS: servers.kafka.brokers,
      KAFKA_TOPIC_PREFIX: this.#prefix,
      DATABASE_URL: servers.behindProxy(database.url, 'projector'),
      MANAGEMENT_PORT: '0',
      ...overrides,
    };
    this.fleet = new Fleet(this.#variables);
  }

  /** @param overrides variables of the projectors */
  static async on(servers: Servers, overrides: Variables = {}): Promise<World> {
    return new World(servers, await servers.database(), overrides);
  }

  topic(name: TopicName): string {
    return `${this.#prefix}.${topicNames[name]}.v1`;
  }

  /** First part of the names of topics and groups. */
  get prefix(): string {
    return this.#prefix;
  }

  get groupId(): string {
    return `${this.#prefix}.projector`;
  }

  /** Topics are made by the first projector. */
  async start(projectors = 1): Promise<void> {
    await this.fleet.scale(projectors);
  }

  /** Another built program of the projector, such as `rebuild.js`, with the variables that projectors have. */
  program(file: string, overrides: Variables = {}): ServiceProcess {
    const program = new ServiceProcess(`projector/dist/${file}`, { ...this.#variables, ...overrides });
    this.programs.push(program);
    return program;
  }

  /** A query API on the same tables; resolves when it listens. */
  async api(overrides: Variables = {}): Promise<MonitorClient> {
    const port = String(await freePort());
    const service = new ServiceProcess('query-api/dist/main.js', {
      ...this.#variables,
      DATABASE_URL: this.servers.behindProxy(this.database.url, 'query'),
      PORT: port,
      ...overrides,
    });
    this.programs.push(service);
    service.start();
    await service.ready();
    return new MonitorClient(`http://127.0.0.1:${port}`);
  }

  async write(name: TopicName, records: readonly Outgoing[]): Promise<void> {
    await this.servers.session.writeAll(this.topic(name), records);
    // Before compaction takes anything away.
    await this.read(name);
  }

  /** Every record that there ever was, as far as it was read while it was there. */
  read(name: TopicName): Promise<readonly TopicRecord[]> {
    return this.servers.session.read(this.topic(name));
  }

  /** From now on only what the topic still holds counts. */
  forget(name: TopicName): Promise<void> {
    return this.servers.session.forget(this.topic(name));
  }

  ends(name: TopicName): Promise<ReadonlyMap<number, PartitionEnds>> {
    return this.servers.session.ends(this.topic(name));
  }

  /** Revocations that must never be missing from now on. */
  async watch(): Promise<void> {
    const drafts = watched.map((revocation) => ({ kind: 'revoked', revocation, log: 0, source: 'batch' }) as const);
    await this.write('revocations', drafts.map(recordOf));
    this.#watch ??= new WatchedRows(this.database.url, this.topic('revocations'), watched);
  }

  get wronglyMissing(): readonly string[] {
    return this.#watch?.wrong ?? [];
  }

  get answers(): number {
    return this.#watch?.answers ?? 0;
  }

  /** Throws while something that is on the topics has not been applied. */
  async requireApplied(): Promise<void> {
    const applied = await appliedOffsets((sql, values) => this.database.query(sql, values));
    for (const name of ['revocations', 'status', 'entries'] as const) {
      for (const [partition, { end }] of await this.ends(name)) {
        const next = applied.get(`${this.topic(name)}/${partition}`) ?? 0;
        if (next !== end) throw new Error(`${name}/${partition} is applied up to ${next} of ${end}`);
      }
    }
  }

  async describe(): Promise<readonly string[]> {
    const programs = this.programs.flatMap(({ program, lines }) => [`--- ${program}`, ...lines]);
    const topics = await Promise.all(
      (['revocations', 'status', 'entries'] as const).map((name) => this.#written(name)),
    );
    return [...this.fleet.lines, ...programs, ...topics.flat()];
  }

  /** The servers are left as they are. */
  async close(): Promise<void> {
    await this.#watch?.stop();
    await Promise.all([this.fleet.kill(), ...this.programs.map((program) => program.kill())]);
    await this.database.drop().catch(() => undefined);
    for (const name of ['revocations', 'status', 'entries', 'commands', 'deadLetters'] as const)
      await this.servers.session.remove(this.topic(name)).catch(() => undefined);
  }

  async #written(name: TopicName): Promise<readonly string[]> {
    const records = await this.read(name).catch(() => []);
    return [
      `--- ${name}`,
      ...records.map(({ partition, offset, key, value }) => `${partition} ${offset} ${String(key)} ${String(value)}`),
    ];
  }
}
