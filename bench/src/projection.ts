import type { RevocationLog } from '@hybrid-sync/domain';
import { createBareTable } from './bare-table.js';
import { spreadCells, wholeCell } from './cells.js';
import { interleaved, type Side, type Times } from './interleaved.js';
import { withOpened } from './opened.js';
import type { ProjectContext } from './project-context.js';
import { timeProjectors } from './projector-run.js';
import { withReadSide } from './read-side.js';
import { fillTopic, type RevocationTopic } from './revocation-topic.js';
import { writeRowFile, type RowFile } from './row-copy.js';
import { insertSingly } from './row-inserts.js';
import type { Scenario } from './scenario.js';
import { timeSink } from './sink-run.js';
import { spreadOf } from './spread.js';

export interface ProjectionSize {
  readonly records: number;
  /** So many are written one by one, and so many with a commit for each, and the time is multiplied. */
  readonly singly: number;
  readonly committedSingly: number;
  /** The sink reads a topic of its own with so many; 0 leaves it out, and nothing needs to be downloaded. */
  readonly sunk: number;
}

/**
 * From the topic into the tables, beside other ways to get the same rows into the same server. Every side starts with a
 * fresh database and is timed until the last row of every partition is there.
 */
export function projection(size: ProjectionSize): Scenario<ProjectContext> {
  return {
    name: 'projection',
    run: (context) =>
      withOpened(async (keep) => {
        const topic = await fillTopic(size.records, context);
        const sunk = size.sunk === size.records ? topic : await sunkTopic(size.sunk, context);
        const file = keep(await writeRowFile(topic.revocations()));
        const times = await interleaved(sidesOf({ topic, sunk, file, size, context }), context);
        const ours = times.find(({ what }) => what === projector);
        const heading = [
          `${wholeCell(size.records)} records into Postgres`,
          'median ms',
          'min',
          'max',
          'rows/s',
          'times the projector',
        ];
        return { heading, rows: times.map((side) => rowOfTable(side, ours ?? side, size.records)) };
      }),
  };
}

const projector = '**projector**, one connection';
const perCommit = 1_000;

async function sunkTopic(records: number, context: ProjectContext): Promise<RevocationTopic | null> {
  return records > 0 ? fillTopic(records, context) : null;
}

interface Circumstances {
  readonly topic: RevocationTopic;
  readonly sunk: RevocationTopic | null;
  readonly file: RowFile;
  readonly size: ProjectionSize;
  readonly context: ProjectContext;
}

function sidesOf({ topic, sunk, file, size, context }: Circumstances): readonly Side[] {
  const copy = (indexes: boolean): Promise<number> =>
    withReadSide(context, topic.prefix, async ({ databaseUrl }) =>
      file.copyInto(databaseUrl, await createBareTable(databaseUrl, { indexes })),
    );
  return [
    { what: projector, time: () => timeProjectors(topic, context, 1) },
    { what: '**4 projectors**', time: () => timeProjectors(topic, context, 4) },
    ...(sunk === null ? [] : sinkSides(sunk, topic.records, context)),
    { what: 'COPY of the rows alone, no index', time: () => copy(false) },
    { what: 'COPY of the rows alone, the same indexes', time: () => copy(true) },
    ...insertSides({ topic, size, context }),
  ];
}

/** Too slow for all of the rows, unless there are few. */
function sinkSides(sunk: RevocationTopic, records: number, context: ProjectContext): readonly Side[] {
  const share = records / sunk.records;
  const sample = share === 1 ? '' : ` (${wholeCell(sunk.records)} records, multiplied)`;
  return [1, 4].map((tasks) => ({
    what: `Debezium's JDBC sink, ${tasks === 1 ? 'one connection' : `${tasks} tasks`}${sample}`,
    time: async () => (await timeSink(sunk, context, tasks)) * share,
  }));
}

/** Too slow for all of the rows. */
function insertSides({ topic, size, context }: Pick<Circumstances, 'topic' | 'size' | 'context'>): readonly Side[] {
  const singly = (rows: number, perCommit: number): Promise<number> =>
    withReadSide(context, topic.prefix, async ({ databaseUrl }) => {
      const table = await createBareTable(databaseUrl, { indexes: true });
      const first = firstOf(topic.revocations(), rows);
      return (await insertSingly(databaseUrl, { table, rows: first, perCommit })) * (topic.records / first.length);
    });
  const sample = (rows: number): string => `${wholeCell(rows)} rows, multiplied`;
  return [
    {
      what: `inserts of one row, a commit for ${wholeCell(perCommit)} (${sample(size.singly)})`,
      time: () => singly(size.singly, perCommit),
    },
    {
      what: `inserts of one row, a commit for each (${sample(size.committedSingly)})`,
      time: () => singly(size.committedSingly, 1),
    },
  ];
}

function firstOf(revocations: Iterable<RevocationLog>, count: number): readonly RevocationLog[] {
  const first: RevocationLog[] = [];
  for (const log of revocations) {
    if (first.length === count) break;
    first.push(log);
  }
  return first;
}

function rowOfTable({ what, milliseconds }: Times, ours: Times, records: number): readonly string[] {
  const times = spreadOf(milliseconds).median / spreadOf(ours.milliseconds).median;
  const rate = wholeCell((records / spreadOf(milliseconds).median) * 1000);
  return [what, ...spreadCells(milliseconds), rate, times.toFixed(2)];
}
