import { startBenchKafka } from './bench-kafka.js';
import { runBench, type BenchServers } from './bench-run.js';
import { blockLatency } from './block-latency.js';
import { forceSync } from './force-sync.js';
import { initialSync } from './initial-sync.js';
import { memory } from './memory.js';
import type { BenchContext } from './scenario.js';

const scenarios = [
  initialSync([
    { blocks: 2_000, events: 20_000 },
    { blocks: 10_000, events: 2_000 },
  ]),
  forceSync({ blocks: 10_000, events: 2_000 }, [0, 50]),
  memory({ blocks: 10_000, eventsPerBlock: 100 }),
  blockLatency(120),
];

await runBench({ name: 'ingest', scenarios: () => scenarios, start });

async function start(): Promise<BenchServers<BenchContext>> {
  const kafka = await startBenchKafka();
  return { context: (common) => ({ brokers: kafka.brokers, ...common }), stop: () => kafka.stop() };
}
