import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDatabase,
  openConnection,
  startKafka,
  startPostgres,
  startTcpProxy,
  type Kafka,
  type KafkaNode,
  type KafkaOptions,
  type Postgres,
  type TcpProxy,
  type TestDatabase,
} from '@hybrid-sync/devstack';
import { eventually } from '../eventually.js';
import { ServiceProcess } from '../service-process.js';
import { TopicSession } from '../topic-session.js';

export interface ServerOptions {
  readonly brokers?: 1 | 3;
  readonly properties?: KafkaOptions['properties'];
  /** Where Kafka keeps its data; a directory of its own by default. */
  readonly kafkaDirectory?: string;
  /** As `kafkaDirectory`, of Postgres. */
  readonly postgresDirectory?: string;
  /** Settings of Postgres. */
  readonly settings?: Readonly<Record<string, string>>;
}

interface Parts {
  readonly directory: string;
  readonly postgresDirectory: string;
  readonly kafka: Kafka;
  readonly postgres: Postgres;
  readonly proxy: TcpProxy;
  readonly session: TopicSession;
}

/** A Kafka and a Postgres that others do not share, to be killed and held up. Postgres is reached through a proxy. */
export class Servers {
  readonly kafka: Kafka;
  /** Before Postgres. */
  readonly proxy: TcpProxy;
  readonly session: TopicSession;
  readonly #directory: string;
  readonly #postgresDirectory: string;
  readonly #settings: Readonly<Record<string, string>>;
  #postgres: Postgres;

  private constructor(
    { directory, postgresDirectory, kafka, postgres, proxy, session }: Parts,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#directory = directory;
    this.#postgresDirectory = postgresDirectory;
    this.#postgres = postgres;
    this.#settings = settings;
    this.kafka = kafka;
    this.proxy = proxy;
    this.session = session;
  }

  static async start({ brokers = 1, properties = {}, settings = {}, ...rest }: ServerOptions = {}): Promise<Servers> {
    const directory = await mkdtemp(join(tmpdir(), 'hybrid-sync-servers-'));
    const dataDir = rest.kafkaDirectory ?? join(directory, 'kafka');
    const postgresDirectory = rest.postgresDirectory ?? join(directory, 'postgres');
    const own = typeof properties === 'function' ? properties : () => properties;
    const [kafka, postgres] = await Promise.all([
      startKafka({ dataDir, nodes: brokers, properties: (node) => ({ ...quick, ...own(node) }) }),
      startPostgres({ dataDir: postgresDirectory, settings }),
    ]);
    const proxy = await startTcpProxy(Number(new URL(postgres.url).port));
    return new Servers(
      { directory, postgresDirectory, kafka, postgres, proxy, session: await TopicSession.open(kafka.brokers) },
      settings,
    );
  }

  get nodes(): readonly KafkaNode[] {
    return this.kafka.nodes;
  }

  /** A migrated database, in which services may do no more than they must. */
  async database(): Promise<TestDatabase> {
    await this.#makeRoles();
    return createDatabase({ version: 'migrated', migrate }, this.#postgres.url);
  }

  /** Of a database, as a service knows it. */
  behindProxy(databaseUrl: string, role: keyof typeof roles): string {
    const url = new URL(databaseUrl);
    url.username = role;
    url.port = String(this.proxy.port);
    return url.href;
  }

  async #makeRoles(): Promise<void> {
    const connection = await openConnection(this.#postgres.url);
    const found = await connection.query('select rolname from pg_roles where rolname = any($1)', [Object.keys(roles)]);
    if (found.length === 0) for (const role of Object.keys(roles)) await connection.query(`create role ${role} login`);
    await connection.close();
  }

  async killPostgres(): Promise<void> {
    await this.#postgres.kill();
  }

  /** With the same data and port; resolves when it has recovered. */
  async startPostgres(): Promise<void> {
    this.#postgres = await startPostgres({ dataDir: this.#postgresDirectory, settings: this.#settings });
  }

  async terminateBackends(databaseUrl: string): Promise<void> {
    const connection = await openConnection(this.#postgres.url);
    await connection.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
      new URL(databaseUrl).pathname.slice(1),
    ]);
    await connection.close();
  }

  /** Resolves when the broker that leads a partition is another one, or there is one again. */
  async leader(topic: string, partition: number): Promise<KafkaNode> {
    return eventually('a leader', async () => {
      const [id] = await this.session.manage('leader', topic, String(partition));
      const node = this.nodes.find(({ nodeId }) => String(nodeId) === id);
      if (node === undefined) throw new Error(`leader ${String(id)}`);
      return node;
    });
  }

  async close(): Promise<void> {
    await this.session.close();
    await Promise.all([this.proxy.close(), this.kafka.kill(), this.#postgres.kill()]);
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** What takes minutes elsewhere. */
const quick = { 'log.cleaner.backoff.ms': '300', 'broker.session.timeout.ms': '3000' };

/** By what migrate.js is to be told of them. */
const roles = { projector: 'PROJECTOR_DATABASE_ROLE', query: 'QUERY_DATABASE_ROLE' } as const;

async function migrate(databaseUrl: string): Promise<void> {
  const named = Object.fromEntries(Object.entries(roles).map(([role, variable]) => [variable, role]));
  const migration = new ServiceProcess('projector/dist/migrate.js', { DATABASE_URL: databaseUrl, ...named });
  migration.start();
  const { code } = await migration.ended();
  if (code !== 0) throw new Error(`migrate.js ended with ${String(code)}\n${migration.tail()}`);
}
