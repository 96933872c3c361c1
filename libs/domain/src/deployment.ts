import { z } from 'zod';
import { blockNumber } from './block.js';
import { canonicalAddress, canonicalHash32 } from './hex.js';

/** Which contract on which chain a topic is about, and from where on its logs are mirrored. */
export const deployment = z.strictObject({
  chainId: z.int().min(1),
  contract: canonicalAddress,
  startBlock: blockNumber,
  startBlockHash: canonicalHash32,
});
export type Deployment = z.infer<typeof deployment>;

/** The part of a deployment that every revocation record carries. */
export type ContractIdentity = Pick<Deployment, 'chainId' | 'contract'>;

/** One sentence per field in which two deployments differ; empty where they are the same. */
export function deploymentDifferences(expected: Deployment, actual: Deployment): readonly string[] {
  return fields
    .filter((field) => expected[field] !== actual[field])
    .map((field) => `${field} is ${actual[field]} and not ${expected[field]}`);
}

const fields = ['chainId', 'contract', 'startBlock', 'startBlockHash'] as const;
