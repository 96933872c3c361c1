import type { TestConnection } from '@hybrid-sync/devstack';
import { createBareTable } from './bare-table.js';
import { spreadCells, wholeCell } from './cells.js';
import { interleaved, type Side, type Times } from './interleaved.js';
import { startTraffic } from './live-traffic.js';
import { withOpened, type Keep } from './opened.js';
import type { ProjectContext } from './project-context.js';
import { startProjector, type ReadSide } from './projector-process.js';
import { withReadSide } from './read-side.js';
import { timeReading } from './reading-task.js';
import { fillTopic, type RevocationTopic } from './revocation-topic.js';
import { writeRowFile } from './row-copy.js';
import { projectedRows, untilLastRows, untilRows } from './row-watch.js';
import type { Scenario } from './scenario.js';
import { spreadOf } from './spread.js';
import { startReader, type SteadyReader } from './steady-reader.js';
import { untilTrue } from './until-true.js';

export interface RebuildSize {
  readonly records: number;
  readonly livePerSecond: number;
  readonly looksPerSecond: number;
}

/**
 * A rebuild of the read model by its own program, from the start of the process until the view shows the new generation,
 * while revocations go on coming, a projector applies them and a reader asks. The references run under the same traffic.
 */
export function rebuild(size: RebuildSize): Scenario<ProjectContext> {
  return {
    name: 'rebuild',
    run: async (context) => {
      const topic = await fillTopic(size.records, context);
      return withReadSide(context, topic.prefix, async (side, keep) => {
        const projector = keep(await startProjector(side));
        await projector.during(untilLastRows(side.connection, projectedRows, topic));
        const times = await projector.during(underTraffic({ topic, side, size, context }, keep));
        const heading = [
          `${wholeCell(size.records)} keys, ${size.livePerSecond} records/s live`,
          'median ms',
          'min',
          'max',
          'records/s',
        ];
        return { heading, rows: times.map((one) => rowOf(one, size.records)) };
      });
    },
  };
}

interface Course {
  readonly topic: RevocationTopic;
  readonly side: ReadSide & { readonly connection: TestConnection };
  readonly size: RebuildSize;
  readonly context: ProjectContext;
}

async function underTraffic({ topic, side, size, context }: Course, keep: Keep): Promise<readonly Times[]> {
  const traffic = keep(startTraffic(topic, context.brokers, size.livePerSecond));
  const reader = keep(await startReader(side.databaseUrl, topic, { traffic, perSecond: size.looksPerSecond }));
  const references = keep(await openReferences(topic, context));
  const ours = { what: '**rebuild.js**, until the switch', time: () => timeRebuild(side, reader, context) };
  const times = await interleaved([ours, ...references.sides], context);
  await traffic.close();
  await untilRows(side.connection, projectedRows, topic.records + traffic.sent.filter(isLive).length);
  return times;
}

function isLive({ retracted }: { readonly retracted: boolean }): boolean {
  return !retracted;
}

const patienceSeconds = 900;

async function timeRebuild(
  side: ReadSide & { readonly connection: TestConnection },
  reader: SteadyReader,
  { say }: ProjectContext,
): Promise<number> {
  await reader.taken();
  const before = await servedGeneration(side.connection);
  return withOpened(async (keep) => {
    const begin = performance.now();
    const builder = keep(await startProjector(side, 'rebuild.js'));
    let peak = 0;
    const isSwitched = async (): Promise<boolean> => {
      peak = (await builder.memory().catch(() => ({ peak }))).peak;
      return (await servedGeneration(side.connection)) !== before;
    };
    const ended = builder.succeeded();
    await Promise.race([untilTrue('the switch', isSwitched, patienceSeconds), ended.then(() => undefined)]);
    const milliseconds = performance.now() - begin;
    await ended;
    if ((await servedGeneration(side.connection)) === before) throw new Error('nothing was switched');
    const { looks, slowestMs } = await reader.taken();
    say(`${wholeCell(peak / 1e6)} MB; ${wholeCell(looks)} looks, all right, the slowest ${wholeCell(slowestMs)} ms`);
    return milliseconds;
  });
}

async function servedGeneration(connection: TestConnection): Promise<unknown> {
  return (await connection.query('select generation from active_generation'))[0]?.['generation'];
}

/** What reading and what writing would take alone. */
async function openReferences(
  topic: RevocationTopic,
  context: ProjectContext,
): Promise<{ readonly sides: readonly Side[]; readonly close: () => Promise<void> }> {
  const file = await writeRowFile(topic.revocations());
  const copy = (): Promise<number> =>
    withReadSide(context, topic.prefix, async ({ databaseUrl }) =>
      file.copyInto(databaseUrl, await createBareTable(databaseUrl, { indexes: true })),
    );
  const reading = { brokers: context.brokers, topic: topic.name, records: topic.records };
  const sides = [
    { what: 'a plain consumer that reads the topic', time: () => timeReading(reading) },
    { what: 'COPY of the rows alone, the same indexes', time: copy },
  ];
  return { sides, close: () => file.close() };
}

function rowOf({ what, milliseconds }: Times, records: number): readonly string[] {
  return [what, ...spreadCells(milliseconds), wholeCell((records / spreadOf(milliseconds).median) * 1000)];
}
