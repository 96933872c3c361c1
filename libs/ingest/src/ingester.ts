import { readDeployment, WrongDeploymentError, type ChainReader } from '@hybrid-sync/chain';
import {
  deploymentDifferences,
  topicContracts,
  topicNames,
  type BlockRange,
  type Component,
  type Deployment,
} from '@hybrid-sync/domain';
import {
  openLogReader,
  openPublisher,
  openTopics,
  topicIncarnation,
  type KafkaConnection,
  type LogRecord,
} from '@hybrid-sync/kafka';
import { untilAvailable, type ServiceContext } from '@hybrid-sync/runtime';
import { acceptanceOf } from './acceptance.js';
import { IngestMetrics } from './ingest-metrics.js';
import type { IngesterConfig } from './ingester-config.js';
import { Lease } from './lease.js';
import { openChain } from './open-chain.js';
import type { OpenReader } from './open-reader.js';
import { LockView } from './lock-view.js';
import { standingOf } from './standing.js';
import { Reconciler } from './reconciler.js';
import { StatusReporter } from './status-reporter.js';
import { foldRange, type RangeFold } from './topic-fold.js';
import { TopicGuard } from './topic-guard.js';
import { TopicView } from './topic-view.js';
import { TopicWriter } from './topic-writer.js';

/** Everything an ingester works with, once the chain and the topics are found to belong together. */
export interface Ingester {
  readonly component: Component;
  readonly deployment: Deployment;
  readonly chain: Pick<
    ChainReader,
    | 'block'
    | 'blockByHash'
    | 'hasContract'
    | 'logsOfBlock'
    | 'logsOfRange'
    | 'isRevoked'
    | 'revocationCount'
    | 'revocationCounts'
    | 'findRevocation'
  >;
  readonly view: Omit<TopicView, 'close'>;
  readonly reconciler: Pick<Reconciler, 'reconciled' | 'confirmed'>;
  readonly metrics: Pick<IngestMetrics, 'reorged' | 'jumped' | 'failed' | 'acknowledgedAfter'>;
  readonly lease: Pick<Lease, 'held' | 'term'>;
  readonly locks: Omit<LockView, 'noting'>;
  readonly writer: Pick<TopicWriter, 'acknowledged' | 'reconciled' | 'backfillStatus' | 'auditStatus'>;
  readonly reporter: Pick<StatusReporter, 'last' | 'say' | 'progressed' | 'unreadyReasons'>;
  /** What the whole revocation topic holds of the range, read anew. */
  readonly foldRange: (range: BlockRange) => Promise<RangeFold>;
}

/** An {@link Ingester} that says how it stands until it is closed. */
export interface OpenIngester extends Ingester {
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
): Promise<OpenIngester> {
  const { config, log, signal, fail, metrics } = context;
  const chain = openChain(context);
  const { deployment, finalizedBlock } = await untilAvailable('chain', () => readChain(chain, config), {
    log,
    signal,
    permanent: isWrongDeployment,
  });
  const topics = topicNames(config.kafka.topicPrefix);
  const settings = { ...config.kafka, clientId: component };
  const kafka = await openTopics(settings, topicContracts(topics), context);
  // Before the topic is read: what is read of its successor is then taken for old, and not the other way round.
  const incarnation = await topicIncarnation(kafka, topics.revocations);
  const groupId = `${config.kafka.topicPrefix}.${component}`;
  const readers = (name: string): OpenReader => readersOf(kafka, `${groupId}.${name}`, fail);
  const identity = deployment;
  const locks = new LockView({ topics, identity, openReader: readers('fold') });
  const openReader = locks.noting(readers('tail'));
  const accepted = await acceptanceOf(chain, context);
  const place = { topics, deployment, component, finalizedBlock, incarnation };
  const view = await TopicView.open({ ...place, openReader, ...accepted });
  await refuseOtherDeployments(view, deployment);
  const publisher = await openPublisher(kafka, { signal });
  const changed = (held: boolean): void => {
    log.info({ held }, 'lease changed');
  };
  const lease = await Lease.join({ kafka, topic: topics.commands, groupId, commands, changed, fail });
  const measured = new IngestMetrics(metrics);
  const writer = new TopicWriter({ publisher, topics, identity, lease, metrics: measured, view, outdated: fail });
  const guard = new TopicGuard({ topics, incarnation, log, metrics, fail });
  const reporter = new StatusReporter({ writer, lease, view, guard });
  const reconciler = new Reconciler({ chain, view, startBlock: deployment.startBlock, metrics: measured });
  const watch = guard.watch(kafka);
  const close = (): Promise<void> => closeInOrder([watch, lease, publisher, view]);
  const progressed = (): void => {
    reporter.progressed();
  };
  measured.follow(() => standingOf(view, lease));
  return {
    component,
    deployment,
    chain,
    view,
    reconciler,
    metrics: measured,
    lease,
    locks,
    writer,
    reporter,
    foldRange: (range) => foldRange(range, { topics, identity, openReader: readers('fold'), progressed }),
    close,
  };
}

async function closeInOrder(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const part of parts) await part.close();
}

function readersOf(kafka: KafkaConnection, groupPrefix: string, fail: (error: Error) => void): OpenReader {
  return (topic, { apply, from }) => {
    const begin = from === undefined ? {} : { from: new Map([[topic, from]]) };
    return openLogReader(kafka, { topics: [topic], groupPrefix, apply, fail, ...begin });
  };
}

async function readChain(
  chain: ChainReader,
  config: IngesterConfig,
): Promise<{ readonly deployment: Deployment; readonly finalizedBlock: number }> {
  const deployment = await readDeployment(chain, config.network);
  const finalized = await chain.block('finalized');
  return { deployment, finalizedBlock: finalized.number };
}

/** The topics must not hold what was mirrored from another chain, contract or start block. */
async function refuseOtherDeployments(view: TopicView, deployment: Deployment): Promise<void> {
  const components = ['ingest-realtime', 'ingest-batch'] as const;
  const differences = components.flatMap((component) => {
    const status = view.component(component);
    return status === null ? [] : deploymentDifferences(status.deployment, deployment);
  });
  if (differences.length === 0) return;
  await view.close();
  const distinct = [...new Set(differences)];
  throw new WrongDeploymentError(`the topics belong to another deployment: ${distinct.join(', ')}`);
}

function isWrongDeployment(error: unknown): boolean {
  return error instanceof WrongDeploymentError;
}
