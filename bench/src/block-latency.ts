import { randomUUID } from 'node:crypto';
import { startChain } from '@hybrid-sync/devstack';
import { topicNames } from '@hybrid-sync/domain';
import { z } from 'zod';
import { wholeCell } from './cells.js';
import { observeHeads } from './head-observer.js';
import { startIngester } from './ingester-process.js';
import { startReferenceFollower } from './reference-follower.js';
import { openRevocationSender } from './revocation-sender.js';
import { withOpened, type Closing } from './opened.js';
import type { ChainSource } from './revoked-chain.js';
import type { BenchContext, Scenario } from './scenario.js';
import { percentile } from './spread.js';
import { tailStatus } from './status-tail.js';
import { tailTopic, type Apply } from './topic-tail.js';
import { untilTrue } from './until-true.js';

const revocationsPerBlock = 3;
const patienceSeconds = 60;
const record = z.object({ blockHash: z.string() });

/** Something that publishes what the chain's blocks hold. */
interface Way {
  readonly what: string;
  readonly start: (chain: ChainSource, target: Target) => Promise<Closing>;
}

interface Target {
  readonly brokers: string;
  readonly prefix: string;
}

/** How a record may come to the topic. */
export const ways: readonly Way[] = [
  { what: 'reference: head notice, logs, a plain producer', start: startReferenceFollower },
  ingestRealtime('with a ws URL', { ws: true, pollIntervalMs: 500 }),
  ingestRealtime('polling every 500 ms', { ws: false, pollIntervalMs: 500 }),
  ingestRealtime('polling every 50 ms', { ws: false, pollIntervalMs: 50 }),
];

/**
 * From the moment the node tells of a block to the moment a consumer has a record of it, on a chain with a block per
 * second. Both moments are seen by this process. All ways are measured at the same time, each on a chain of its own, so
 * that they see the same machine.
 */
export function blockLatency(blocks: number, compared: readonly Way[] = ways): Scenario {
  return {
    name: 'block-latency',
    once: true,
    run: async (context) => {
      const rows = await Promise.all(
        compared.map(async ({ what, start }) => {
          const latencies = await latenciesOf(start, blocks, context);
          const cells = [50, 90, 99, 100].map((percent) => wholeCell(percentile(latencies, percent)));
          context.say(`${what}: ${cells.join(', ')} ms`);
          return [what, wholeCell(latencies.length), ...cells];
        }),
      );
      return { heading: [`${blocks} blocks, 1 per second`, 'records', 'p50 ms', 'p90', 'p99', 'max'], rows };
    },
  };
}

function latenciesOf(start: Way['start'], blocks: number, { brokers }: BenchContext): Promise<readonly number[]> {
  return withOpened(async (keep) => {
    const node = await startChain({ blockTimeSeconds: 1 });
    keep({ close: () => node.kill() });
    const sender = await openRevocationSender(node.url);
    const { address: contract, blockNumber: startBlock } = sender.registry;
    const prefix = `bench-${randomUUID()}`;
    keep(await start({ url: node.url, contract, startBlock }, { brokers, prefix }));
    const seenAt = new Map<string, number>();
    const readAt: { readonly blockHash: string; readonly at: number }[] = [];
    const apply: Apply = ({ value }) => {
      readAt.push({ ...record.parse(JSON.parse(String(value))), at: performance.now() });
    };
    keep(await tailTopic(brokers, topicNames(prefix).revocations, apply));
    const seen = (hash: string): void => {
      seenAt.set(hash, performance.now());
      if (seenAt.size <= blocks) void sender.send(revocationsPerBlock);
    };
    keep(await observeHeads(node.url, seen));
    await untilTrue('all records', () => readAt.length === blocks * revocationsPerBlock, blocks + patienceSeconds);
    return readAt.map(({ blockHash, at }) => at - (seenAt.get(blockHash) ?? NaN));
  });
}

interface Waking {
  readonly ws: boolean;
  readonly pollIntervalMs: number;
}

function ingestRealtime(how: string, { ws, pollIntervalMs }: Waking): Way {
  const service = 'ingest-realtime';
  const variables = { POLL_INTERVAL_MS: String(pollIntervalMs) };
  return {
    what: `**${service}**, ${how}`,
    start: async (source, { brokers, prefix }) => {
      const chain = { ...source, url: ws ? `${source.url},${source.url.replace('http', 'ws')}` : source.url };
      const ingester = await startIngester({ service, chain, brokers, prefix, variables });
      const status = await ingester.during(tailStatus(brokers, prefix));
      const follows = status.until('it follows', (said) => said.kind === 'component' && said.status.coverage !== null);
      await ingester.during(follows);
      await status.close();
      return ingester;
    },
  };
}
