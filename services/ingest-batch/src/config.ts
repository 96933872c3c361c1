import type { IngesterConfig } from '@hybrid-sync/ingest';
import {
  baseConfigOf,
  baseSettings,
  managementSettings,
  rpcSettings,
  type ConfigurationSchema,
} from '@hybrid-sync/runtime';
import { z } from 'zod';

export interface BatchConfig extends IngesterConfig {
  readonly passIntervalMs: number;
  /** First guess for the blocks per query; an endpoint that refuses gets smaller ones. */
  readonly blocksPerQuery: number;
}

const variables = {
  ...baseSettings,
  ...managementSettings(9102),
  ...rpcSettings,
  BATCH_SYNC_INTERVAL_MINUTES: z.coerce
    .number()
    .positive()
    .default(15)
    .describe('Minutes between two passes. Shorter: holes are found sooner, more requests.'),
  BATCH_SYNC_SIZE: z.coerce
    .number()
    .int()
    .min(1)
    .default(1000)
    .describe('Blocks per query to begin with. An endpoint that refuses gets smaller ranges by itself.'),
};

export const configuration: ConfigurationSchema<BatchConfig> = {
  variables,
  schema: z.object(variables).transform((values) => ({
    ...baseConfigOf(values),
    rpcUrls: values['<NETWORK>_RPC_URL'],
    passIntervalMs: values.BATCH_SYNC_INTERVAL_MINUTES * 60_000,
    blocksPerQuery: values.BATCH_SYNC_SIZE,
  })),
};
