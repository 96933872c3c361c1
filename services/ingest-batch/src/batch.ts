import { parseCommandRecord, type BackfillCommand } from '@hybrid-sync/domain';
import { openIngester } from '@hybrid-sync/ingest';
import type { LogRecord } from '@hybrid-sync/kafka';
import { runLoop, Wake, type Log, type RunningService, type ServiceContext } from '@hybrid-sync/runtime';
import { BatchWorker } from './batch-worker.js';
import type { BatchConfig } from './config.js';

/** Pause between two looks at what is due. */
const lookMs = 250;

export async function startBatch(context: ServiceContext<BatchConfig>): Promise<RunningService> {
  const { log, signal } = context;
  const commands = new Map<string, BackfillCommand>();
  const wake = new Wake();
  const ingester = await openIngester('ingest-batch', context, (records) => {
    readCommands(records, commands, log);
    wake.now();
  });
  const worker = new BatchWorker(ingester, commands, context);
  const failed = (error: unknown, failures: number): void => {
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

function readCommands(records: readonly LogRecord[], commands: Map<string, BackfillCommand>, log: Log): void {
  for (const { key, value, offset } of records) {
    const parsed = parseCommandRecord(key, value);
    if (parsed.kind === 'backfill') commands.set(parsed.command.commandId, parsed.command);
    if (parsed.kind === 'malformed') log.warn({ offset, reason: parsed.reason }, 'command rejected');
  }
}
