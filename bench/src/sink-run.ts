import { openConnection } from '@hybrid-sync/devstack';
import { wholeCell } from './cells.js';
import { sinkTable, startSink } from './connect-sink.js';
import { closeGate } from './gate.js';
import { withOpened } from './opened.js';
import type { ProjectContext } from './project-context.js';
import { freshDatabase } from './read-side.js';
import type { RevocationTopic } from './revocation-topic.js';
import { requireRows, sunkRows, untilLastRows } from './row-watch.js';

const table = 'sunk';

/**
 * As the projectors are timed: from when the first task has its first batch and may write it. It is not waited for the
 * others: one that came late would wait for the first to finish its batch before the partitions are shared.
 */
export function timeSink(topic: RevocationTopic, context: ProjectContext, tasks: number): Promise<number> {
  return withOpened(async (keep) => {
    const { url: databaseUrl } = keep(await freshDatabase(context.databaseUrl));
    const connection = keep(await openConnection(databaseUrl));
    await connection.query(sinkTable(table));
    const gate = keep(await closeGate(databaseUrl, table));
    const sink = keep(await startSink({ brokers: context.brokers, topic: topic.name, databaseUrl, table, tasks }));
    await sink.during(gate.untilWaiting(1));
    const begin = await gate.open();
    await sink.during(untilLastRows(connection, sunkRows(table), topic));
    const milliseconds = performance.now() - begin;
    await requireRows(connection, sunkRows(table), topic.records);
    context.say(`the sink with at most ${wholeCell((await sink.memory()).peak / 1e6)} MB`);
    return milliseconds;
  });
}
