import { setTimeout as sleep } from 'node:timers/promises';
import type { TestConnection } from '@hybrid-sync/devstack';
import { wholeCell } from './cells.js';
import type { ProjectContext } from './project-context.js';
import { startProjector } from './projector-process.js';
import { withReadSide } from './read-side.js';
import { fillTopic } from './revocation-topic.js';
import { projectedRows, requireRows, untilLastRows } from './row-watch.js';
import type { Scenario } from './scenario.js';
import { untilGroupStable } from './stable-group.js';

export interface ReadModelSize {
  readonly records: number;
  /** How long a projector that has nothing to do is left alone before it is looked at. Default 30. */
  readonly idleSeconds?: number;
}

/** How much memory a projector takes, and how much disk its tables, over a sync of so many revocations. */
export function readModelSize({ records, idleSeconds = 30 }: ReadModelSize): Scenario<ProjectContext> {
  return {
    name: 'read-model-size',
    once: true,
    run: async (context) => {
      const idle = await idleMemory(context, idleSeconds);
      const topic = await fillTopic(records, context);
      return withReadSide(context, topic.prefix, async (side, keep) => {
        const projector = keep(await startProjector(side));
        await projector.during(untilLastRows(side.connection, projectedRows, topic));
        const { peak } = await projector.memory();
        await requireRows(side.connection, projectedRows, records);
        await side.connection.query('vacuum analyze revocations_a');
        const disk = await bytesPerRow(side.connection, records);
        await sleep(idleSeconds * 1000);
        const { now: after } = await projector.memory();
        return { heading: ['over a sync', wholeCell(records)], rows: [...memoryRows({ idle, peak, after }), ...disk] };
      });
    },
  };
}

async function idleMemory(context: ProjectContext, idleSeconds: number): Promise<number> {
  const { prefix } = await fillTopic(0, context);
  return withReadSide(context, prefix, async (side, keep) => {
    const projector = keep(await startProjector(side));
    await projector.during(untilGroupStable(side.brokers, `${prefix}.projector`, 1));
    await projector.during(sleep(idleSeconds * 1000));
    return (await projector.memory()).now;
  });
}

interface ResidentMemory {
  readonly idle: number;
  readonly peak: number;
  readonly after: number;
}

function memoryRows({ idle, peak, after }: ResidentMemory): readonly (readonly string[])[] {
  return [
    ['**projector**, resident MB before, with nothing to do', wholeCell(idle / 1e6)],
    ['**projector**, resident MB at most', wholeCell(peak / 1e6)],
    ['**projector**, resident MB afterwards, with nothing to do', wholeCell(after / 1e6)],
  ];
}

/** As the projector wrote them, after an ordinary vacuum. */
async function bytesPerRow(connection: TestConnection, rows: number): Promise<readonly (readonly string[])[]> {
  const sizes = await connection.query(
    `select 'rows' as what, pg_table_size('revocations_a')::double precision as bytes, 0 as place
     union all
     select 'index ' || indexrelid::regclass::text, pg_relation_size(indexrelid), 1
     from pg_index where indrelid = 'revocations_a'::regclass
     union all
     select 'all', pg_total_relation_size('revocations_a'), 2
     order by place, what`,
  );
  return sizes.map(({ what, bytes }) => [
    `bytes on disk per revocation: ${String(what)}`,
    wholeCell(Number(bytes) / rows),
  ]);
}
