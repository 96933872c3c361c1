import type { BackfillCommand, ComponentStatus, Coverage } from '@hybrid-sync/domain';
import { createLog } from '@hybrid-sync/runtime';
import { MemoryTopics } from '../../../../libs/ingest/src/testing/memory-topics.js';
import { revocation, SimulatedChain } from '../../../../libs/ingest/src/testing/simulated-chain.js';
import {
  openSimulated,
  saidBy,
  type SimulatedIngester,
} from '../../../../libs/ingest/src/testing/simulated-ingester.js';
import { BatchWorker } from '../batch-worker.js';
import { runPass } from '../pass.js';

export interface Batching {
  readonly chain: SimulatedChain;
  readonly log: MemoryTopics;
  readonly ingester: SimulatedIngester;
  readonly commands: Map<string, BackfillCommand>;
  readonly worker: BatchWorker;
  /** One pass above what this ingester has covered. */
  pass(): Promise<Coverage | null>;
  /** Another process of the same ingester, which has read everything. */
  restarted(): Promise<Batching>;
}

/** Small queries, so that a short chain takes several. */
export const options = { blocksPerQuery: 10, signal: new AbortController().signal };

export async function batchingOn(chain: SimulatedChain, log = new MemoryTopics(), startBlock = 0): Promise<Batching> {
  const ingester = await openSimulated('ingest-batch', { chain, topics: log, startBlock });
  const commands = new Map<string, BackfillCommand>();
  const silent = createLog({ service: 'test', level: 'silent', secrets: [] });
  const config = { blocksPerQuery: 10, passIntervalMs: 900_000 };
  const worker = new BatchWorker(ingester, commands, { config, log: silent, signal: options.signal });
  const before = (): Coverage | null =>
    (ingester.reporter.last ?? ingester.view.component('ingest-batch'))?.coverage ?? null;
  const pass = (): Promise<Coverage | null> => runPass(ingester, before(), options);
  const restarted = (): Promise<Batching> => batchingOn(chain, log, startBlock);
  return { chain, log, ingester, commands, worker, pass, restarted };
}

/** The last status on the topic. */
export function lastSaid({ log }: Pick<Batching, 'log'>): ComponentStatus {
  const last = saidBy(log, 'ingest-batch').at(-1);
  if (last === undefined) throw new Error('nothing was said');
  return last;
}

/** The command that is number `number` of all. */
export function backfill(number: number, range: Pick<BackfillCommand, 'fromBlock' | 'toBlock'> = {}): BackfillCommand {
  const commandId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return {
    schemaVersion: 1,
    kind: 'backfill',
    commandId,
    requestedAt: '2026-01-01T00:00:00Z',
    requestedBy: 'test',
    ...range,
  };
}

/** The chain, grown to this head with a revocation in every third block. */
export function grownChain(
  head: number,
  finalizedDepth = 64,
  chain = new SimulatedChain(finalizedDepth),
): SimulatedChain {
  for (let block = chain.head.number + 1; block <= head; block += 1) {
    chain.mine(block % 3 === 0 ? [revocation(block)] : []);
  }
  return chain;
}
