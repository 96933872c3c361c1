import type { LogProof } from '@hybrid-sync/domain';

const strength: Readonly<Record<LogProof, number>> = { none: 0, bloom: 1, receipts: 2 };

/** The weaker of two proofs; the other one where one is missing. */
export function weakest(one: LogProof | null, other: LogProof): LogProof {
  return one === null || strength[other] < strength[one] ? other : one;
}
