import { ChainReader, readDeployment, WrongDeploymentError } from '@hybrid-sync/chain';
import {
  deploymentDifferences,
  topicContracts,
  topicNames,
  type Component,
  type Deployment,
  type TopicNames,
} from '@hybrid-sync/domain';
import {
  connectKafka,
  ensureTopics,
  openPublisher,
  TopicMismatchError,
  type KafkaConnection,
  type LogRecord,
} from '@hybrid-sync/kafka';
import { Counter, untilAvailable, type BaseConfig, type ServiceContext } from '@hybrid-sync/runtime';
import { IngestMetrics } from './ingest-metrics.js';
import { Lease } from './lease.js';
import { StatusReporter } from './status-reporter.js';
import { TopicView } from './topic-view.js';
import { TopicWriter } from './topic-writer.js';

export interface IngesterConfig extends BaseConfig {
  /** HTTP and WebSocket endpoints. */
  readonly rpcUrls: readonly string[];
}

/** Everything an ingester works with, once the chain and the topics are found to belong together. */
export interface Ingester {
  readonly component: Component;
  readonly deployment: Deployment;
  readonly chain: ChainReader;
  readonly kafka: KafkaConnection;
  readonly topics: TopicNames;
  /** First part of every consumer group of this ingester. */
  readonly groupPrefix: string;
  readonly view: TopicView;
  readonly lease: Lease;
  readonly writer: TopicWriter;
  readonly reporter: StatusReporter;
  close(): Promise<void>;
}

/**
 * Checks chain, contract and topics before anything is written, then reads the topics and asks for the lease.
 * @param commands called with the records of the sync-commands topic, from the first one at every take-over
 */
export async function openIngester(
  component: Component,
  context: ServiceContext<IngesterConfig>,
  commands: (records: readonly LogRecord[]) => void,
): Promise<Ingester> {
  const { config, log, signal, fail } = context;
  const chain = openChain(context);
  const { deployment, finalizedBlock } = await untilAvailable('chain', () => readChain(chain, config), {
    log,
    signal,
    permanent: isWrongDeployment,
  });
  const topics = topicNames(config.kafka.topicPrefix);
  const kafka = await openTopics(component, topics, context);
  const groupPrefix = `${config.kafka.topicPrefix}.${component}`;
  const identity = deployment;
  const tail = `${groupPrefix}.tail`;
  const view = await TopicView.open({ kafka, topics, groupPrefix: tail, identity, component, finalizedBlock, fail });
  refuseOtherDeployments(view, deployment);
  const publisher = await openPublisher(kafka, { signal });
  const changed = (held: boolean): void => {
    log.info({ held }, 'lease changed');
  };
  const lease = await Lease.join({ kafka, topic: topics.commands, groupId: groupPrefix, commands, changed, fail });
  const writer = new TopicWriter({ publisher, topics, identity, lease, metrics: new IngestMetrics(context.metrics) });
  const close = async (): Promise<void> => {
    await lease.close();
    await publisher.close();
    await view.close();
  };
  const reporter = new StatusReporter(writer);
  return { component, deployment, chain, kafka, topics, groupPrefix, view, lease, writer, reporter, close };
}

function openChain({ config, log, metrics }: ServiceContext<IngesterConfig>): ChainReader {
  const rejectedLogs = new Counter({
    name: 'hybrid_sync_rejected_logs_total',
    help: 'Logs of the contract and event that are not revocations as the contract emits them.',
    registers: [metrics],
  });
  const urls = config.rpcUrls.filter((url) => url.startsWith('http'));
  const rejected = (reason: string): void => {
    rejectedLogs.inc();
    log.warn({ reason }, 'log rejected');
  };
  return new ChainReader({ urls, contract: config.network.contract, rejected });
}

async function readChain(
  chain: ChainReader,
  config: IngesterConfig,
): Promise<{ readonly deployment: Deployment; readonly finalizedBlock: number }> {
  const deployment = await readDeployment(chain, config.network);
  const finalized = await chain.block('finalized');
  return { deployment, finalizedBlock: finalized.number };
}

async function openTopics(
  component: Component,
  topics: TopicNames,
  { config, log, signal }: ServiceContext<IngesterConfig>,
): Promise<KafkaConnection> {
  const kafka = connectKafka({ ...config.kafka, clientId: component }, log);
  const setup = { mode: config.kafka.topics, replicationFactor: config.kafka.replicationFactor };
  await untilAvailable('kafka', () => ensureTopics(kafka, topicContracts(topics), setup), {
    log,
    signal,
    permanent: (error) => error instanceof TopicMismatchError,
  });
  return kafka;
}

/** The topics must not hold what was mirrored from another chain, contract or start block. */
function refuseOtherDeployments(view: TopicView, deployment: Deployment): void {
  for (const component of ['ingest-realtime', 'ingest-batch'] as const) {
    const status = view.component(component);
    if (status === null) continue;
    const differences = deploymentDifferences(status.deployment, deployment);
    if (differences.length > 0)
      throw new WrongDeploymentError(`the topics belong to another deployment: ${differences.join(', ')}`);
  }
}

function isWrongDeployment(error: unknown): boolean {
  return error instanceof WrongDeploymentError;
}
