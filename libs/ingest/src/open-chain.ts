import { ChainReader, type RpcEvent } from '@hybrid-sync/chain';
import { Counter, type Log, type ServiceContext } from '@hybrid-sync/runtime';
import type { IngesterConfig } from './ingester-config.js';
import { RpcMetrics } from './rpc-metrics.js';

interface ChainContext extends Pick<ServiceContext<unknown>, 'metrics' | 'signal'> {
  readonly config: Pick<IngesterConfig, 'rpcUrls' | 'rpcLimits' | 'network'>;
  readonly log: ChainLog;
}

type ChainLog = Pick<Log, 'info' | 'warn' | 'error'>;

/** A reader of the configured endpoints that measures and says what happens there. */
export function openChain({ config, log, metrics, signal }: ChainContext): ChainReader {
  const rejectedLogs = new Counter({
    name: 'hybrid_sync_rejected_logs_total',
    help: 'Logs of the contract and event that are not revocations as the contract emits them.',
    registers: [metrics],
  });
  const rejected = (reason: string): void => {
    rejectedLogs.inc();
    log.warn({ reason }, 'log rejected');
  };
  const measured = new RpcMetrics(metrics);
  const observe = (event: RpcEvent): void => {
    measured.observe(event);
    say(event, log);
  };
  const endpoints = { limits: config.rpcLimits, observe, signal };
  return new ChainReader({ urls: config.rpcUrls, contract: config.network.contract, rejected, endpoints });
}

/** What an operator should know of. Single failures are counted, not logged. */
function say(event: RpcEvent, log: ChainLog): void {
  switch (event.kind) {
    case 'set-aside':
      log.error(
        { endpoint: event.endpoint, reason: event.reason },
        'endpoint shows another deployment and is not used',
      );
      break;
    case 'up':
    case 'down':
      log.info({ endpoint: event.endpoint }, `endpoint is ${event.kind}`);
      break;
    case 'range-limit':
      log.info({ endpoint: event.endpoint, blocks: event.blocks }, 'endpoint takes no more blocks per query');
      break;
    case 'disagreement':
      log.warn({ outcome: event.outcome }, 'two endpoints differ');
      break;
    case 'disbelieved':
      log.warn({ endpoint: event.endpoint, method: event.method }, 'answer not believed');
      break;
    default:
  }
}
