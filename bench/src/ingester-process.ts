import { freePort } from '@hybrid-sync/devstack';
import type { ChainSource } from './revoked-chain.js';
import { startProgram, type BenchProcess } from './service-program.js';

export interface IngesterOptions {
  readonly service: 'ingest-batch' | 'ingest-realtime';
  readonly chain: ChainSource;
  readonly brokers: string;
  /** Of the topics: a fresh one for every run. */
  readonly prefix: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A built ingester on its chain. */
export async function startIngester({ service, variables, ...source }: IngesterOptions): Promise<BenchProcess> {
  return startProgram({ service, variables: { ...(await variablesOf(source)), ...variables } });
}

async function variablesOf({
  chain,
  brokers,
  prefix,
}: Pick<IngesterOptions, 'chain' | 'brokers' | 'prefix'>): Promise<Record<string, string>> {
  return {
    NETWORK: 'local',
    LOCAL_RPC_URL: chain.url,
    LOCAL_CONTRACT_ADDRESS: chain.contract,
    LOCAL_START_BLOCK: String(chain.startBlock),
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC_PREFIX: prefix,
    MANAGEMENT_PORT: String(await freePort()),
  };
}
