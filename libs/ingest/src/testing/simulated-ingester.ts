import {
  foldWindow,
  parseRevocationRecord,
  parseStatusRecord,
  revocationKey,
  topicNames,
  type BackfillStatus,
  type Component,
  type ComponentStatus,
  type LiveRecord,
  type RevocationLog,
} from '@hybrid-sync/domain';
import { identity as contract } from '../../../domain/src/testing/arbitraries.js';
import { createMetrics } from '../../../runtime/src/metrics.js';
import type { Ingester } from '../ingester.js';
import { IngestMetrics } from '../ingest-metrics.js';
import { Reconciler } from '../reconciler.js';
import { LockView } from '../lock-view.js';
import { StatusReporter } from '../status-reporter.js';
import { foldRange } from '../topic-fold.js';
import { TopicView, type TopicViewOptions } from '../topic-view.js';
import { TopicWriter } from '../topic-writer.js';
import type { MemoryTopics } from './memory-topics.js';
import type { SimulatedChain } from './simulated-chain.js';

export const topics = topicNames('test');

/** A lease that a test gives and takes. */
export class GivenLease {
  #terms = 1;
  term: number | null = 1;

  get held(): boolean {
    return this.term !== null;
  }

  lose(): void {
    this.term = null;
  }

  take(): void {
    this.term = this.#terms += 1;
  }
}

export interface SimulatedIngester extends Ingester {
  readonly lease: GivenLease;
  readonly view: TopicView;
  readonly writer: TopicWriter;
  readonly reporter: StatusReporter;
}

export interface Simulation extends Pick<TopicViewOptions, 'acceptedHash' | 'outdated' | 'incarnation'> {
  readonly chain: SimulatedChain;
  readonly topics: MemoryTopics;
  readonly startBlock?: number;
}

/** One process of an ingester on a simulated chain and topics in memory; everything in between is the real thing. */
export async function openSimulated(component: Component, simulation: Simulation): Promise<SimulatedIngester> {
  const { chain, topics: log, startBlock = 0, acceptedHash, outdated, incarnation } = simulation;
  const deployment = { ...contract, startBlock, startBlockHash: chain.at(startBlock).hash };
  const lease = new GivenLease();
  const locks = new LockView({ topics, identity: contract, openReader: log.openReader });
  const openReader = locks.noting(log.openReader);
  const identity = contract;
  const finalizedBlock = chain.finalized.number;
  const view = await TopicView.open({
    topics,
    deployment,
    component,
    finalizedBlock,
    openReader,
    acceptedHash,
    outdated,
    incarnation,
  });
  const metrics = new IngestMetrics(createMetrics('test'));
  const made = { publisher: log, topics, identity, lease, metrics, view };
  const writer = new TopicWriter({ ...made, outdated: () => outdated?.() });
  const reporter = new StatusReporter({ writer, lease, view, guard: { unreadyReasons: [] } });
  const reconciler = new Reconciler({ chain, view, startBlock, metrics });
  const progressed = (): void => {
    reporter.progressed();
  };
  return {
    component,
    deployment,
    chain,
    view,
    reconciler,
    metrics,
    lease,
    locks,
    writer,
    reporter,
    foldRange: (range) => foldRange(range, { topics, identity, openReader, progressed }),
  };
}

/** What the revocation topic says is live, one line per revocation: key, block number, block hash and log index. */
export function liveOn(log: MemoryTopics, fromBlock = 0): readonly string[] {
  const live = new Map<string, LiveRecord>();
  for (const { key, value } of log.records(topics.revocations)) {
    foldWindow(live, parseRevocationRecord(key, value, contract), -1);
  }
  return linesOf([...live.values()].filter(({ blockNumber }) => blockNumber >= fromBlock));
}

/** The same of the chain. */
export function linesOf(records: readonly (LiveRecord | RevocationLog)[]): readonly string[] {
  return records
    .map((record) => `${revocationKey(record)} ${record.blockNumber} ${record.blockHash} ${record.logIndex}`)
    .toSorted();
}

/** Everything that a component has said, oldest first. */
export function saidBy(log: MemoryTopics, component: Component): readonly ComponentStatus[] {
  return log.records(topics.status).flatMap(({ key, value }) => {
    const parsed = parseStatusRecord(key, value);
    return parsed.kind === 'component' && parsed.status.component === component ? [parsed.status] : [];
  });
}

/** Everything that was said of a backfill, oldest first. */
export function saidOf(log: MemoryTopics, commandId: string): readonly BackfillStatus[] {
  return log.records(topics.status).flatMap(({ key, value }) => {
    const parsed = parseStatusRecord(key, value);
    return parsed.kind === 'backfill' && parsed.status.commandId === commandId ? [parsed.status] : [];
  });
}
