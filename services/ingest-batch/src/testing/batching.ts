import type { BackfillCommand, ComponentStatus } from '@hybrid-sync/domain';
import { createMetrics } from '../../../../libs/runtime/src/metrics.js';
import { MemoryTopics } from '../../../../libs/ingest/src/testing/memory-topics.js';
import { revocation, SimulatedChain } from '../../../../libs/ingest/src/testing/simulated-chain.js';
import {
  openSimulated,
  saidBy,
  type SimulatedIngester,
} from '../../../../libs/ingest/src/testing/simulated-ingester.js';
import { BatchMetrics } from '../batch-metrics.js';
import { BatchWorker } from '../batch-worker.js';
import type { Command } from '../commands.js';
import type { ReadOptions } from '../final-pieces.js';
import { runPass, type PassState } from '../pass.js';

export interface LogLine {
  readonly level: 'info' | 'error';
  readonly message: string;
}

export interface Batching {
  readonly chain: SimulatedChain;
  readonly log: MemoryTopics;
  readonly ingester: SimulatedIngester;
  readonly commands: Command[];
  readonly worker: BatchWorker;
  /** What the worker has logged. */
  readonly said: LogLine[];
  /** One pass above what this ingester has covered. */
  pass(reading?: ReadOptions): Promise<PassState>;
  /** Another process of the same ingester, which has read everything. */
  restarted(): Promise<Batching>;
}

/** Small queries, so that a short chain takes several. */
export const options: ReadOptions = {
  blocksPerQuery: 10,
  proof: { receiptBlocks: 1_000, bloomBlocks: 1_000 },
  signal: new AbortController().signal,
};

export async function batchingOn(chain: SimulatedChain, log = new MemoryTopics(), startBlock = 0): Promise<Batching> {
  const ingester = await openSimulated('ingest-batch', { chain, topics: log, startBlock });
  const commands: Command[] = [];
  const said: LogLine[] = [];
  const worker = new BatchWorker(ingester, {
    commands: { all: commands },
    passIntervalMs: 900_000,
    reading: options,
    auditor: { touched: () => undefined, step: () => Promise.resolve() },
    log: { info: noteTo(said, 'info'), error: noteTo(said, 'error') },
    metrics: new BatchMetrics(createMetrics('test')),
  });
  const pass = (reading = options): Promise<PassState> => {
    const said = ingester.reporter.last ?? ingester.view.component('ingest-batch');
    return runPass(ingester, said?.coverage ?? null, reading);
  };
  const restarted = (): Promise<Batching> => batchingOn(chain, log, startBlock);
  return { chain, log, ingester, commands, worker, said, pass, restarted };
}

function noteTo(said: LogLine[], level: LogLine['level']): (fields: object, message: string) => void {
  return (fields, message) => {
    said.push({ level, message, ...fields });
  };
}

/** The last status on the topic. */
export function lastSaid({ log }: Pick<Batching, 'log'>): ComponentStatus {
  const last = saidBy(log, 'ingest-batch').at(-1);
  if (last === undefined) throw new Error('nothing was said');
  return last;
}

/** The command that is number `number` of all. */
export function backfill(
  number: number,
  more: Pick<BackfillCommand, 'fromBlock' | 'toBlock' | 'expiresAt'> = {},
): BackfillCommand {
  const commandId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return {
    schemaVersion: 1,
    kind: 'backfill',
    commandId,
    requestedAt: '2026-01-01T00:00:00Z',
    requestedBy: 'test',
    ...more,
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
