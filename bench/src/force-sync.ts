import { randomUUID } from 'node:crypto';
import { encodeBackfillCommand, topicNames } from '@hybrid-sync/domain';
import { ratioCell, spreadCells, wholeCell } from './cells.js';
import { startDistantNode } from './distant-node.js';
import { startIngester } from './ingester-process.js';
import { interleaved, type Side } from './interleaved.js';
import { withOpened } from './opened.js';
import { referenceSides } from './reference-sides.js';
import { buildChain, type ChainSize, type RevokedChain } from './revoked-chain.js';
import type { BenchContext, Scenario } from './scenario.js';
import type { BenchProcess } from './service-program.js';
import { covers, tailStatus, type StatusTail } from './status-tail.js';
import { plainKafka } from './topic-tail.js';

const maxBlocks = 1_000;

/**
 * A force-sync of the whole chain by an ingest-batch that has done its first pass, beside reading the same logs once
 * more. Timed from the moment the command is sent to the broker's stamp on the record that says it is done.
 */
export function forceSync(size: ChainSize, latenciesMs: readonly number[]): Scenario {
  return {
    name: 'force-sync',
    run: (context) =>
      withOpened(async (keep) => {
        const chain = keep(await buildChain(size));
        const rows = [];
        for (const latencyMs of latenciesMs) rows.push(...(await rowsAt(latencyMs, chain, context)));
        const what = `force-sync of ${wholeCell(size.blocks)} blocks, ${wholeCell(size.events)} events`;
        return { heading: [what, 'median ms', 'min', 'max', 'times logs alone'], rows };
      }),
  };
}

function rowsAt(latencyMs: number, near: RevokedChain, context: BenchContext): Promise<readonly (readonly string[])[]> {
  return withOpened(async (keep) => {
    const node = keep(await startDistantNode(near.url, { latencyMs, maxBlocks }));
    const chain = { ...near, url: node.url };
    const ours: Side = { what: '**ingest-batch**', time: () => timeBackfill(chain, context.brokers) };
    const references = referenceSides(chain, { brokers: context.brokers, rounds: 2 });
    const times = await interleaved([...references, ours], context);
    return times.map(({ what, milliseconds }) => [
      `${latencyMs} ms latency: ${what}`,
      ...spreadCells(milliseconds),
      ratioCell(milliseconds, times[0]?.milliseconds ?? milliseconds),
    ]);
  });
}

function timeBackfill(chain: RevokedChain, brokers: string): Promise<number> {
  return withOpened(async (keep) => {
    const prefix = `bench-${randomUUID()}`;
    const ingester = keep(await startIngester({ service: 'ingest-batch', chain, brokers, prefix }));
    const status = keep(await ingester.during(tailStatus(brokers, prefix)));
    await ingester.during(status.until('the first pass', covers(chain.head)));
    return commanded({ ingester, status, brokers, prefix, events: chain.events });
  });
}

interface Standing {
  readonly ingester: BenchProcess;
  readonly status: StatusTail;
  readonly brokers: string;
  readonly prefix: string;
  readonly events: number;
}

async function commanded({ ingester, status, brokers, prefix, events }: Standing): Promise<number> {
  const producer = plainKafka(brokers).producer({ idempotent: true });
  await producer.connect();
  const commandId = randomUUID();
  const value = encodeBackfillCommand({ commandId, requestedAt: new Date().toISOString(), requestedBy: 'bench' });
  const begin = Date.now();
  await producer.send({ topic: topicNames(prefix).commands, messages: [{ key: commandId, value }], acks: -1 });
  const done = await ingester.during(
    status.until('the force-sync', (said) => said.kind === 'backfill' && said.status.state !== 'running'),
  );
  await producer.disconnect();
  const { status: said } = done.status.kind === 'backfill' ? done.status : { status: null };
  if (said?.published !== events) throw new Error(`${said?.published ?? 0} of ${events} were published again`);
  return done.at - begin;
}
