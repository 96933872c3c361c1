import { wholeCell } from './cells.js';
import { cpuSecondsOf, databaseCpuSeconds } from './cpu-time.js';
import { closeGate } from './gate.js';
import type { Keep } from './opened.js';
import type { ProjectContext } from './project-context.js';
import { startProjector, type ReadSide } from './projector-process.js';
import { withReadSide } from './read-side.js';
import type { RevocationTopic } from './revocation-topic.js';
import { projectedRows, requireRows, untilLastRows } from './row-watch.js';
import type { BenchProcess } from './service-program.js';
import { untilGroupStable } from './stable-group.js';

/** So many projectors share the partitions; gives the milliseconds from when all of them may begin to the last row. */
export function timeProjectors(topic: RevocationTopic, context: ProjectContext, processes: number): Promise<number> {
  return withReadSide(context, topic.prefix, async (side, keep) => {
    const { projectors, begin } = await startTogether(side, processes, keep);
    const done = untilLastRows(side.connection, projectedRows, topic);
    await Promise.all(projectors.map((projector) => projector.during(done)));
    const milliseconds = performance.now() - begin;
    await requireRows(side.connection, projectedRows, topic.records);
    const peaks = await Promise.all(projectors.map(async (projector) => (await projector.memory()).peak));
    const cpu = await Promise.all(projectors.map(({ pid }) => cpuSecondsOf(pid)));
    const seconds = [cpu.reduce((sum, one) => sum + one, 0), await databaseCpuSeconds(side.connection)];
    const perRow = seconds.map((one) => ((one / topic.records) * 1e6).toFixed(1));
    context.say(
      `${wholeCell(Math.max(...peaks) / 1e6)} MB; processor time per row: ${perRow.join(' us, in the database ')} us`,
    );
    return milliseconds;
  });
}

/** They have their partitions and wait to be told where to begin. */
async function startTogether(
  side: ReadSide,
  processes: number,
  keep: Keep,
): Promise<{ readonly projectors: readonly BenchProcess[]; readonly begin: number }> {
  const gate = keep(await closeGate(side.databaseUrl, 'applied_offsets'));
  const projectors: BenchProcess[] = [];
  for (let count = 0; count < processes; count++) projectors.push(keep(await startProjector(side)));
  const ready = Promise.all([
    gate.untilWaiting(processes),
    untilGroupStable(side.brokers, `${side.prefix}.projector`, processes),
  ]);
  await Promise.all(projectors.map((projector) => projector.during(ready)));
  return { projectors, begin: await gate.open() };
}
