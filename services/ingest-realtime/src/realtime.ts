import { followNewHeads } from '@hybrid-sync/chain';
import { openIngester } from '@hybrid-sync/ingest';
import { Counter, runLoop, Wake, type RunningService, type ServiceContext } from '@hybrid-sync/runtime';
import type { RealtimeConfig } from './config.js';
import { Follower } from './follower.js';

export async function startRealtime(context: ServiceContext<RealtimeConfig>): Promise<RunningService> {
  const { config, log, metrics, signal } = context;
  const ingester = await openIngester('ingest-realtime', context, () => undefined);
  const reorgs = new Counter({
    name: 'hybrid_sync_reorgs_total',
    help: 'Reorgs that orphaned blocks.',
    registers: [metrics],
  });
  const follower = new Follower(ingester, log, () => {
    reorgs.inc();
  });
  const wake = new Wake();
  for (const url of config.rpcUrls.filter((url) => url.startsWith('ws'))) {
    followNewHeads({
      url,
      signal,
      notify: () => {
        wake.now();
      },
      lost: () => {
        log.warn('websocket lost, polling goes on');
      },
    });
  }
  const step = async (): Promise<void> => {
    await follower.step();
    ingester.reporter.progressed();
  };
  const failed = (error: unknown, failures: number): void => {
    log.warn({ error, failures }, 'step failed');
  };
  const loops = [
    runLoop(step, { intervalMs: config.pollIntervalMs, signal, failed, pause: wake.pause }),
    ingester.reporter.beat({ log, signal }),
  ];
  return {
    unreadyReasons: () => [
      ...(follower.violation === null ? [] : ['finality_violation']),
      ...(ingester.reporter.stuck ? ['stuck'] : []),
    ],
    stop: async () => {
      await Promise.all(loops);
      await ingester.close();
    },
  };
}
