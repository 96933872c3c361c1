import { randomUUID } from 'node:crypto';
import { topicNames } from '@hybrid-sync/domain';
import { wholeCell } from './cells.js';
import { startIngester } from './ingester-process.js';
import { withOpened } from './opened.js';
import type { BenchContext, Scenario } from './scenario.js';
import { covers, tailStatus } from './status-tail.js';
import type { SyntheticSize } from './synthetic-blocks.js';
import { startSyntheticChain, type SyntheticChain } from './synthetic-chain.js';
import { keysOn, recordsOn } from './topic-tail.js';

/** How much memory ingest-batch ever has during the first pass over a chain that answers as fast as it is asked. */
export function memory(size: SyntheticSize): Scenario {
  return {
    name: 'memory',
    once: true,
    run: (context) =>
      withOpened(async (keep) => {
        const chain = keep(await startSyntheticChain(size));
        const { peakBytes, milliseconds } = await measurePass(chain, context);
        const name = `${wholeCell(chain.blocks)} blocks, ${wholeCell(chain.events)} events`;
        const cells = [peakBytes / 1e6, milliseconds / 1000, (chain.events / milliseconds) * 1000].map(wholeCell);
        const heading = ['first pass of **ingest-batch**', 'peak MB', 'seconds', 'events/s'];
        return { heading, rows: [[name, ...cells]] };
      }),
  };
}

interface Pass {
  readonly peakBytes: number;
  readonly milliseconds: number;
}

function measurePass(chain: SyntheticChain, { brokers, say }: BenchContext): Promise<Pass> {
  return withOpened(async (keep) => {
    const prefix = `bench-${randomUUID()}`;
    const ingester = keep(await startIngester({ service: 'ingest-batch', chain, brokers, prefix }));
    const status = keep(await ingester.during(tailStatus(brokers, prefix)));
    const covered = await ingester.during(status.until('the head is covered', covers(chain.head)));
    const { peak: peakBytes } = await ingester.memory();
    const milliseconds = covered.at - (status.said[0]?.at ?? NaN);
    say(`${wholeCell(peakBytes / 1e6)} MB, ${wholeCell(milliseconds)} ms`);
    await requireComplete(brokers, topicNames(prefix).revocations, chain.events);
    return { peakBytes, milliseconds };
  });
}

/** Every revocation is on the topic, each under a key of its own. */
async function requireComplete(brokers: string, topic: string, events: number): Promise<void> {
  const records = await recordsOn(brokers, topic);
  const keys = await keysOn(brokers, topic, records);
  if (keys !== events || records !== events) throw new Error(`${keys} keys in ${records} records of ${events} events`);
}
