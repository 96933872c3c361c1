import { randomUUID } from 'node:crypto';
import { topicNames } from '@hybrid-sync/domain';
import { ratioCell, spreadCells, wholeCell } from './cells.js';
import { startIngester } from './ingester-process.js';
import { interleaved, type Side, type Times } from './interleaved.js';
import { withOpened } from './opened.js';
import { referenceSides } from './reference-sides.js';
import { buildChain, type ChainSize, type RevokedChain } from './revoked-chain.js';
import type { BenchContext, Scenario } from './scenario.js';
import { covers, tailStatus } from './status-tail.js';
import { recordsOn } from './topic-tail.js';

/**
 * The first pass of ingest-batch over a chain, beside reading the same logs. Timed from the broker's stamp on the
 * ingester's first status record, with which a pass begins, to that of the one which covers the head.
 */
export function initialSync(sizes: readonly ChainSize[]): Scenario {
  return {
    name: 'initial-sync',
    run: async (context) => {
      const rows = [];
      for (const size of sizes) rows.push(...(await rowsOf(size, context)));
      return { heading: ['initial sync', 'median ms', 'min', 'max', 'events/s', 'times logs alone'], rows };
    },
  };
}

function rowsOf(size: ChainSize, context: BenchContext): Promise<readonly (readonly string[])[]> {
  return withOpened(async (keep) => {
    const chain = keep(await buildChain(size));
    const times = await interleaved(sidesOn(chain, context), context);
    const [floor] = times;
    return times.map((side) => rowOf(side, floor ?? side, size));
  });
}

function rowOf({ what, milliseconds }: Times, floor: Times, { blocks, events }: ChainSize): readonly string[] {
  const [median = '', min = '', max = ''] = spreadCells(milliseconds);
  const [rate = ''] = spreadCells(milliseconds.map((one) => (events / one) * 1000));
  const name = `${wholeCell(blocks)} blocks, ${wholeCell(events)} events: ${what}`;
  return [name, median, min, max, rate, ratioCell(milliseconds, floor.milliseconds)];
}

function sidesOn(chain: RevokedChain, context: BenchContext): readonly Side[] {
  const ours = { what: '**ingest-batch**', time: () => timePass(chain, context.brokers) };
  return [...referenceSides(chain, { brokers: context.brokers, rounds: 1 }), ours];
}

function timePass(chain: RevokedChain, brokers: string): Promise<number> {
  return withOpened(async (keep) => {
    const prefix = `bench-${randomUUID()}`;
    const ingester = keep(await startIngester({ service: 'ingest-batch', chain, brokers, prefix }));
    const status = keep(await ingester.during(tailStatus(brokers, prefix)));
    const covered = await ingester.during(status.until('the head is covered', covers(chain.head)));
    const published = await recordsOn(brokers, topicNames(prefix).revocations);
    if (published !== chain.events) throw new Error(`${published} of ${chain.events} revocations were published`);
    return covered.at - (status.said[0]?.at ?? NaN);
  });
}
