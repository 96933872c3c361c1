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
import type { ProofReach } from './proof-plan.js';

export interface BatchConfig extends IngesterConfig {
  readonly passIntervalMs: number;
  /** First guess for the blocks per query; an endpoint that refuses gets smaller ones. */
  readonly blocksPerQuery: number;
  /** Of the newest blocks of a pass. */
  readonly proof: ProofReach;
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
  RECEIPT_CHECK_BLOCKS: z.coerce
    .number()
    .int()
    .min(0)
    .default(1000)
    .describe(
      'Final blocks per pass, except the first one, whose logs are taken from their receipts where the bloom filter allows a ' +
        'revocation: exact with one endpoint. In a longer pass it is the newest blocks, and "not revoked" is unknown until ' +
        'the audit after it. More: answers stay known after a longer absence, one request per such block.',
    ),
  BLOOM_CHECK_BLOCKS: z.coerce
    .number()
    .int()
    .min(0)
    .default(100_000)
    .describe(
      'Blocks per pass whose headers are read too, so that a block whose bloom filter allows a revocation and that has none ' +
        'is noticed. In a longer pass it is the newest blocks; the older ones are checked by a second endpoint and by the ' +
        'audit alone. More: safer with one endpoint, and a first sync takes one header per block.',
    ),
};

export const configuration: ConfigurationSchema<BatchConfig> = {
  variables,
  schema: z.object(variables).transform((values) => ({
    ...baseConfigOf(values),
    rpcUrls: values['<NETWORK>_RPC_URL'],
    rpcLimits: rpcLimitsOf(values),
    passIntervalMs: values.BATCH_SYNC_INTERVAL_MINUTES * 60_000,
    blocksPerQuery: values.BATCH_SYNC_SIZE,
    proof: { receiptBlocks: values.RECEIPT_CHECK_BLOCKS, bloomBlocks: values.BLOOM_CHECK_BLOCKS },
  })),
};
