import { address } from '@hybrid-sync/domain';
import { testServers, type Chain, type LockRegistry } from '@hybrid-sync/devstack';
import { createLog, type ServiceContext } from '@hybrid-sync/runtime';
import { createMetrics } from '../../../runtime/src/metrics.js';
import type { IngesterConfig } from '../ingester-config.js';

/** What a main gives to an ingester, on the servers of the test run. */
export function ingesterContext(
  node: Chain,
  registry: LockRegistry,
  config: {
    readonly topicPrefix: string;
    readonly chainId?: number;
    readonly startBlock?: number;
    readonly contract?: string;
  },
): ServiceContext<IngesterConfig> {
  const { topicPrefix, chainId = 31_337, startBlock = registry.blockNumber, contract = registry.address } = config;
  return {
    config: {
      logLevel: 'error',
      host: '127.0.0.1',
      managementPort: 0,
      shutdownGraceSeconds: 10,
      network: { name: 'local', chainId, contract: address.parse(contract), startBlock },
      kafka: {
        brokers: testServers().brokers.split(','),
        ssl: false,
        topicPrefix,
        topics: 'create',
        replicationFactor: 1,
      },
      rpcUrls: [node.url],
      rpcLimits: { deadlineMs: 10_000, concurrency: 8, callsPerSecond: 0 },
    },
    log: createLog({ service: 'test', level: 'silent', secrets: [] }),
    metrics: createMetrics('test'),
    signal: new AbortController().signal,
    fail: (error) => {
      throw error;
    },
  };
}
