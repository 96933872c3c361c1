import { z } from 'zod';

/**
 * How it is known that no log of a scanned block is missing, strongest first.
 * - `receipts`: the logs were taken from receipts whose root is the one in the block's header.
 * - `bloom`: no block without a log has a header bloom that allows one.
 * - `none`: the endpoint's word.
 */
export const logProof = z.enum(['receipts', 'bloom', 'none']);
export type LogProof = z.infer<typeof logProof>;

const weakestFirst: readonly LogProof[] = ['none', 'bloom', 'receipts'];

/** What is known of all of it. Of nothing the strongest: there is nothing that is not proven. */
export function weakestProof(proofs: readonly LogProof[]): LogProof {
  return weakestFirst.find((proof) => proofs.includes(proof)) ?? 'receipts';
}
