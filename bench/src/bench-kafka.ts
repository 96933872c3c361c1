import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, startKafka } from '@hybrid-sync/devstack';

/** A real broker for one run of the benchmarks. */
export interface BenchKafka {
  readonly brokers: string;
  stop(): Promise<void>;
}

/** The one that KAFKA_BROKERS names, else one of its own that leaves nothing behind. */
export async function startBenchKafka(): Promise<BenchKafka> {
  const { KAFKA_BROKERS: named } = environment();
  if (named !== undefined) return { brokers: named, stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'hybrid-sync-bench-'));
  const kafka = await startKafka({ dataDir });
  return {
    brokers: kafka.brokers,
    stop: async () => {
      await kafka.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
