import { randomUUID } from 'node:crypto';
import { topicNames } from '@hybrid-sync/domain';
import { wholeCell } from './cells.js';
import { timeForceSync } from './forced-ingester.js';
import { startIngester } from './ingester-process.js';
import { withOpened } from './opened.js';
import type { BenchContext, Scenario } from './scenario.js';
import { covers, hasAudited, tailStatus } from './status-tail.js';
import type { SyntheticSize } from './synthetic-blocks.js';
import { startSyntheticChain, type SyntheticChain } from './synthetic-chain.js';
import { keysOn, recordsOn } from './topic-tail.js';

/**
 * How much memory ingest-batch ever has: by the end of the first pass over a chain that answers as fast as it is asked,
 * by the end of the audit that follows, and by the end of a force-sync of all of it.
 */
export function memory(size: SyntheticSize): Scenario {
  return {
    name: 'memory',
    once: true,
    run: (context) =>
      withOpened(async (keep) => {
        const chain = keep(await startSyntheticChain(size));
        const steps = await measureSteps(chain, context);
        const heading = [
          `${wholeCell(chain.blocks)} blocks, ${wholeCell(chain.events)} events`,
          'peak MB so far',
          'seconds',
        ];
        const rows = steps.map(({ what, peakBytes, milliseconds }) => [
          what,
          ...[peakBytes / 1e6, milliseconds / 1000].map(wholeCell),
        ]);
        return { heading, rows };
      }),
  };
}

interface Step {
  readonly what: string;
  /** Since the process began. */
  readonly peakBytes: number;
  readonly milliseconds: number;
}

function measureSteps(chain: SyntheticChain, { brokers, say }: BenchContext): Promise<readonly Step[]> {
  return withOpened(async (keep) => {
    const prefix = `bench-${randomUUID()}`;
    const ingester = keep(await startIngester({ service: 'ingest-batch', chain, brokers, prefix }));
    const status = keep(await ingester.during(tailStatus(brokers, prefix)));
    const steps: Step[] = [];
    const ended = async (what: string, milliseconds: number): Promise<void> => {
      const { peak: peakBytes } = await ingester.memory();
      say(`${what}: ${wholeCell(peakBytes / 1e6)} MB, ${wholeCell(milliseconds)} ms`);
      steps.push({ what, peakBytes, milliseconds });
    };
    const covered = await ingester.during(status.until('the head is covered', covers(chain.head)));
    await ended('first pass', covered.at - (status.said[0]?.at ?? NaN));
    await requireComplete(brokers, topicNames(prefix).revocations, chain.events);
    const audited = await ingester.during(status.until('the audit', hasAudited));
    await ended('and the audit after it', audited.at - covered.at);
    const milliseconds = await timeForceSync({ ingester, status, brokers, prefix, events: chain.events });
    await ended('and a force-sync', milliseconds);
    return steps;
  });
}

/** Every revocation is on the topic, each under a key of its own. */
async function requireComplete(brokers: string, topic: string, events: number): Promise<void> {
  const records = await recordsOn(brokers, topic);
  const keys = await keysOn(brokers, topic, records);
  if (keys !== events || records !== events) throw new Error(`${keys} keys in ${records} records of ${events} events`);
}
