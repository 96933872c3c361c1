import { startBenchKafka } from './bench-kafka.js';
import { startBenchPostgres } from './bench-postgres.js';
import { runBench } from './bench-run.js';
import { projection } from './projection.js';
import { readModelSize } from './read-model-size.js';
import { rebuild } from './rebuild.js';

const records = 1_000_000;
const scenarios = [
  projection({ records, singly: 50_000, committedSingly: 5_000, sunk: 250_000 }),
  readModelSize({ records }),
  rebuild({ records, livePerSecond: 50, looksPerSecond: 50 }),
];

await runBench('project', scenarios, async () => {
  const kafka = await startBenchKafka();
  const postgres = await startBenchPostgres();
  return {
    context: (common) => ({ brokers: kafka.brokers, databaseUrl: postgres.url, ...common }),
    stop: async () => {
      await postgres.stop();
      await kafka.stop();
    },
  };
});
