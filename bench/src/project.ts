import { startBenchKafka } from './bench-kafka.js';
import { startBenchPostgres } from './bench-postgres.js';
import { runBench, type BenchServers } from './bench-run.js';
import type { ProjectContext } from './project-context.js';
import { projection } from './projection.js';
import { readModelSize } from './read-model-size.js';
import { rebuild } from './rebuild.js';
import type { Scenario } from './scenario.js';

await runBench({ name: 'project', records: 1_000_000, scenarios: scenariosOf, start });

function scenariosOf(records: number): readonly Scenario<ProjectContext>[] {
  return [
    projection({
      records,
      singly: Math.min(records, 20_000),
      committedSingly: Math.min(records, 2_000),
      sunk: Math.min(records, 250_000),
    }),
    readModelSize({ records }),
    rebuild({ records, livePerSecond: 50, looksPerSecond: 50 }),
  ];
}

async function start(): Promise<BenchServers<ProjectContext>> {
  const kafka = await startBenchKafka();
  const postgres = await startBenchPostgres();
  return {
    context: (common) => ({ brokers: kafka.brokers, databaseUrl: postgres.url, ...common }),
    stop: async () => {
      await postgres.stop();
      await kafka.stop();
    },
  };
}
