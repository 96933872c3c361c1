import { openIngester } from '@hybrid-sync/ingest';
import { runLoop, Wake, type RunningService, type ServiceContext } from '@hybrid-sync/runtime';
import { AuditMetrics } from './audit-metrics.js';
import { Auditor } from './auditor.js';
import { BatchMetrics } from './batch-metrics.js';
import { BatchWorker } from './batch-worker.js';
import { Commands } from './commands.js';
import type { BatchConfig } from './config.js';

/** Pause between two looks at what is due. */
const lookMs = 250;

export async function startBatch(context: ServiceContext<BatchConfig>): Promise<RunningService> {
  const { config, log, signal } = context;
  const metrics = new BatchMetrics(context.metrics);
  const commands = new Commands((rejected) => {
    metrics.command('unreadable');
    log.warn(rejected, 'command rejected');
  });
  const wake = new Wake();
  const ingester = await openIngester('ingest-batch', context, (records) => {
    commands.read(records);
    wake.now();
  });
  const { passIntervalMs, blocksPerQuery, proof } = config;
  const reading = { blocksPerQuery, proof, signal };
  const auditor = new Auditor(ingester, { commands, reading, log, metrics: new AuditMetrics(context.metrics) });
  const worker = new BatchWorker(ingester, { commands, passIntervalMs, reading, auditor, log, metrics });
  const failed = (error: unknown, failures: number): void => {
    ingester.reporter.failed(error);
    log.warn({ error, failures }, 'step failed');
  };
  const loops = [
    runLoop(() => worker.step(), { intervalMs: lookMs, signal, failed, pause: wake.pause }),
    ingester.reporter.beat({ log, signal }),
  ];
  return {
    unreadyReasons: () => worker.unreadyReasons(),
    stop: async () => {
      await Promise.all(loops);
      await ingester.close();
    },
  };
}
