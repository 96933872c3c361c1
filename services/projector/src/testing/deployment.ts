import { freePort, testServers, uniqueTopicPrefix } from '@hybrid-sync/devstack';
import { topicContracts, topicNames, type OffsetVector, type TopicNames } from '@hybrid-sync/domain';
import {
  connectKafka,
  endOffsets,
  ensureTopics,
  openLogReader,
  openPublisher,
  type KafkaConnection,
  type LogRecord,
  type Publisher,
} from '@hybrid-sync/kafka';
import { readAppliedOffsets, readGenerations } from '@hybrid-sync/store';
import { identity } from '../../../../libs/domain/src/testing/arbitraries.js';
import { ServiceProcess } from '../../../../libs/runtime/src/testing/service-process.js';
import { until } from '../../../../libs/runtime/src/testing/until.js';
import { testStore, type TestStore } from '../../../../libs/store/src/testing/test-store.js';

const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Topics and tables of one deployment, and the projectors that a test starts for it. */
export class Deployment {
  readonly topics: TopicNames;
  readonly brokers = testServers().brokers.split(',');
  readonly #processes: ServiceProcess[] = [];

  private constructor(
    readonly store: TestStore,
    readonly kafka: KafkaConnection,
    readonly publisher: Publisher,
    readonly prefix: string,
  ) {
    this.topics = topicNames(prefix);
  }

  static async create(): Promise<Deployment> {
    const prefix = uniqueTopicPrefix();
    const brokers = testServers().brokers.split(',');
    const kafka = connectKafka({ brokers, ssl: false, clientId: 'test' }, silent);
    const contracts = topicContracts(topicNames(prefix));
    const [store] = await Promise.all([
      testStore(),
      ensureTopics(kafka, contracts, { mode: 'create', replicationFactor: 1 }),
    ]);
    return new Deployment(store, kafka, await openPublisher(kafka), prefix);
  }

  /** Resolves when the projector is ready. */
  async start(): Promise<{ readonly process: ServiceProcess; readonly management: string }> {
    const port = await freePort();
    const process = this.run({ MANAGEMENT_PORT: `${port}` });
    await process.said('ready');
    return { process, management: `http://127.0.0.1:${port}` };
  }

  run(environment: Readonly<Record<string, string>>): ServiceProcess {
    return this.#spawn('projector/dist/main.js', environment);
  }

  /** @param name of a built file of the projector, such as `rebuild.js` */
  tool(name: string, ...args: readonly string[]): ServiceProcess {
    return this.#spawn(`projector/dist/${name}`, {}, args);
  }

  #spawn(file: string, environment: Readonly<Record<string, string>>, args: readonly string[] = []): ServiceProcess {
    const variables = {
      NETWORK: 'test',
      TEST_CHAIN_ID: `${identity.chainId}`,
      TEST_CONTRACT_ADDRESS: identity.contract,
      KAFKA_BROKERS: testServers().brokers,
      KAFKA_TOPIC_PREFIX: this.prefix,
      DATABASE_URL: this.store.url,
      MANAGEMENT_PORT: '0',
      ...environment,
    };
    const process = new ServiceProcess(file, variables, args);
    this.#processes.push(process);
    return process;
  }

  /** Resolves when everything on the revocation and status topics has been applied. */
  async applied(): Promise<void> {
    const { database } = this.store;
    const generations = await readGenerations(database);
    const generation = generations.find(({ state }) => state === 'active')?.generation ?? 0;
    const folded = [
      { generation, topic: this.topics.revocations },
      { generation: 0, topic: this.topics.status },
    ];
    for (const one of folded) {
      const end = await endOffsets(this.kafka, one.topic);
      await until(async () => (isBelow(await readAppliedOffsets(database, one), end) ? undefined : true));
    }
  }

  /** Every record of the topic. */
  async records(topic: string): Promise<readonly LogRecord[]> {
    const seen: LogRecord[] = [];
    const reader = await openLogReader(this.kafka, {
      topics: [topic],
      groupPrefix: `${this.prefix}.test`,
      apply: (records) => void seen.push(...records),
      fail: quiet,
    });
    await reader.caughtUp();
    await reader.close();
    return seen;
  }

  /** Stops what was started and drops the tables. */
  async drop(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
    await this.publisher.close();
    await this.store.drop();
  }
}

function isBelow(applied: OffsetVector, end: OffsetVector): boolean {
  return [...end].some(([partition, next]) => (applied.get(partition) ?? 0) < next);
}

function quiet(): void {
  // Nothing of this is looked at.
}
