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

  /** A migrated database. */
  async database(): Promise<TestDatabase> {
    const version = 'migrated';
    return createDatabase({ version, migrate }, this.#postgres.url);
  }

  /** Of a database, as the services know it. */
  behindProxy(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    url.port = String(this.proxy.port);
    return url.href;
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

async function migrate(databaseUrl: string): Promise<void> {
  const migration = new ServiceProcess('projector/dist/migrate.js', { DATABASE_URL: databaseUrl });
  migration.start();
  const { code } = await migration.ended();
  if (code !== 0) throw new Error(`migrate.js ended with ${String(code)}\n${migration.tail()}`);
}
