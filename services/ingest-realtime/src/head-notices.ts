import { followNewHeads } from '@hybrid-sync/chain';
import { Gauge, type ServiceContext, type Wake } from '@hybrid-sync/runtime';
import type { RealtimeConfig } from './config.js';

/** Looks at the head whenever a WebSocket endpoint announces one, and at once when none may be announced any more. */
export function hearHeadNotices(
  { config, log, metrics, signal }: Pick<ServiceContext<RealtimeConfig>, 'config' | 'log' | 'metrics' | 'signal'>,
  wake: Pick<Wake, 'now'>,
): void {
  const connected = new Gauge({
    name: 'hybrid_sync_new_heads_connected',
    help: '1 while the WebSocket endpoint announces new heads.',
    labelNames: ['endpoint'],
    registers: [metrics],
  });
  for (const [index, url] of config.rpcUrls.entries()) {
    if (!url.startsWith('ws')) continue;
    const endpoint = `endpoint-${index + 1}`;
    connected.set({ endpoint }, 0);
    const back = (): void => {
      connected.set({ endpoint }, 1);
    };
    const notify = (): void => {
      back();
      wake.now();
    };
    const lost = (reason: string): void => {
      connected.set({ endpoint }, 0);
      log.warn({ endpoint, reason }, 'new heads are not announced any more, polling goes on');
      wake.now();
    };
    followNewHeads({ url, signal, notify, lost, back });
  }
}
