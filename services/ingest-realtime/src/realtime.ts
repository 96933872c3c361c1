import { openIngester } from '@hybrid-sync/ingest';
import { runLoop, Wake, type RunningService, type ServiceContext } from '@hybrid-sync/runtime';
import type { RealtimeConfig } from './config.js';
import { Follower, type StepOutcome } from './follower.js';
import { hearHeadNotices } from './head-notices.js';

export async function startRealtime(context: ServiceContext<RealtimeConfig>): Promise<RunningService> {
  const { config, log, signal } = context;
  const ingester = await openIngester('ingest-realtime', context, () => undefined);
  const follower = new Follower(ingester, log);
  const wake = new Wake();
  hearHeadNotices(context, wake);
  let last: StepOutcome = 'idle';
  const step = async (): Promise<void> => {
    const outcome = await follower.step();
    if (outcome === 'waiting' && last !== 'waiting') log.info('waiting for a block that an endpoint has spoken of');
    if (outcome !== 'waiting') ingester.reporter.progressed();
    if (outcome === 'more') wake.now();
    last = outcome;
  };
  const failed = (error: unknown, failures: number): void => {
    ingester.metrics.failed(error);
    ingester.reporter.failed(error);
    log.warn({ error, failures }, 'step failed');
  };
  const loops = [
    runLoop(step, { intervalMs: config.pollIntervalMs, signal, failed, pause: wake.pause }),
    ingester.reporter.beat({ log, signal }),
  ];
  return {
    unreadyReasons: () => [
      ...(follower.violation === null ? [] : ['finality_violation']),
      ...ingester.reporter.unreadyReasons,
    ],
    stop: async () => {
      await Promise.all(loops);
      await ingester.close();
    },
  };
}
