import { freePort } from '@hybrid-sync/devstack';
import { startProgram, type BenchProcess } from './service-program.js';
import { syntheticContract } from './synthetic-blocks.js';

/** What a program of the read side is pointed at. */
export interface ReadSide {
  readonly brokers: string;
  /** Of the topics. */
  readonly prefix: string;
  readonly databaseUrl: string;
}

/** `migrate.js` and `rebuild.js` end by themselves, `main.js` does not. */
export async function startProjector(
  { brokers, prefix, databaseUrl }: ReadSide,
  file: 'main.js' | 'migrate.js' | 'rebuild.js' = 'main.js',
): Promise<BenchProcess> {
  const variables = {
    NETWORK: 'local',
    LOCAL_CONTRACT_ADDRESS: syntheticContract,
    LOCAL_START_BLOCK: '0',
    KAFKA_BROKERS: brokers,
    KAFKA_TOPIC_PREFIX: prefix,
    DATABASE_URL: databaseUrl,
    MANAGEMENT_PORT: String(await freePort()),
  };
  return startProgram({ service: 'projector', file, variables });
}
