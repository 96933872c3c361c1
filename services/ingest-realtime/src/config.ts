import { hash32 } from '@hybrid-sync/domain';
import type { IngesterConfig } from '@hybrid-sync/ingest';
import {
  baseConfigOf,
  baseSettings,
  managementSettings,
  rpcLimitsOf,
  rpcSettings,
  type ConfigurationSchema,
} from '@hybrid-sync/runtime';
import { z } from 'zod';

export interface RealtimeConfig extends IngesterConfig {
  readonly pollIntervalMs: number;
}

const variables = {
  ...baseSettings,
  ...managementSettings(9101),
  ...rpcSettings,
  '<NETWORK>_ACCEPT_FINALIZED_BLOCK_HASH': hash32
    .optional()
    .describe(
      'Ends the halt after a finality violation: its actualHash, and what was covered is void and scanned again; or its expectedHash, where an endpoint was wrong. Must be on the chain.',
    ),
  POLL_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(10)
    .default(500)
    .describe('Milliseconds between two looks at the head. Smaller: earlier answers without a ws URL, more requests.'),
};

export const configuration: ConfigurationSchema<RealtimeConfig> = {
  variables,
  schema: z.object(variables).transform((values) => ({
    ...baseConfigOf(values),
    rpcUrls: values['<NETWORK>_RPC_URL'],
    rpcLimits: rpcLimitsOf(values),
    acceptedBlockHash: values['<NETWORK>_ACCEPT_FINALIZED_BLOCK_HASH'],
    pollIntervalMs: values.POLL_INTERVAL_MS,
  })),
};
