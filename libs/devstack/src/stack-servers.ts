import { join } from 'node:path';
import { startChain } from './chain.js';
import { type DemoExample, prepareDemo } from './demo-revocations.js';
import type { Running } from './kept-part.js';
import { startKafka } from './kafka.js';
import { deployLockRegistry, type LockRegistry } from './lock-registry.js';
import { startPostgres } from './postgres.js';

/** A server of the stack, with the variables that tell the services where it is. */
export interface StackServer extends Running {
  readonly address: string;
  readonly variables: Readonly<Record<string, string>>;
}

export async function kafkaServer(dataDir: string): Promise<StackServer> {
  const kafka = await startKafka({ dataDir: join(dataDir, 'kafka'), port: 9092 });
  return {
    ...kafka,
    address: kafka.brokers,
    variables: { KAFKA_BROKERS: kafka.brokers, KAFKA_REPLICATION_FACTOR: '1' },
  };
}

export async function postgresServer(dataDir: string): Promise<StackServer> {
  const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), port: 5432 });
  return { ...postgres, address: postgres.url, variables: { DATABASE_URL: postgres.url } };
}

export interface DemoChain extends StackServer {
  readonly registry: LockRegistry;
  readonly example: DemoExample;
}

export async function demoChain(dataDir: string): Promise<DemoChain> {
  const chain = await startChain({ dataDir: join(dataDir, 'chain'), port: 8545, blockTimeSeconds: 1 });
  const registry = await deployLockRegistry(chain.url);
  const variables = {
    NETWORK: 'local',
    LOCAL_RPC_URL: chain.url,
    LOCAL_CHAIN_ID: '31337',
    LOCAL_CONTRACT_ADDRESS: registry.address,
    LOCAL_START_BLOCK: String(registry.blockNumber),
  };
  return { ...chain, address: chain.url, variables, registry, example: await prepareDemo(registry) };
}
