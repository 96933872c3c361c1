import { RpcError, type ChainBlock } from '@hybrid-sync/chain';
import {
  auditOf,
  countMismatches,
  isBeforeStart,
  type Audit,
  type AuditEvidence,
  type AuditScope,
  type CountMismatch,
} from '@hybrid-sync/domain';
import type { Ingester } from '@hybrid-sync/ingest';
import { compareCounts, sumOfCounts } from './audit-counts.js';

export type Audited = Pick<Ingester, 'chain' | 'deployment' | 'locks' | 'reporter'>;

export interface AuditResult {
  readonly audit: Audit;
  /** All of them. */
  readonly mismatches: readonly CountMismatch[];
  /** Whether reading the chain again may mend what is wrong. */
  readonly isRepairable: boolean;
  /** Whether any revocation is on the topic. */
  readonly hasRecords: boolean;
}

/**
 * Compares what the topic holds of these locks with the contract's own counts, as of one final block.
 * @param emitsEvent whether the contract is known to have emitted a revocation; null where nobody knows
 */
export async function auditLocks(
  ingester: Audited,
  { scope, at }: { readonly scope: AuditScope; readonly at: ChainBlock },
  emitsEvent: boolean | null,
): Promise<AuditResult> {
  const counts = await compareCounts(ingester, scope, at);
  const mismatches = countMismatches(counts);
  const hasRecords = counts.some(({ onTopic }) => onTopic > 0);
  const { contract, startBlock } = ingester.deployment;
  const evidence: AuditEvidence = {
    contract,
    startBlock,
    revokedBeforeStart: await revokedBeforeStart(ingester, mismatches),
    emitsEvent: hasRecords || (emitsEvent ?? scope !== 'all'),
  };
  const isRepairable = mismatches.length > 0 && !isBeforeStart(mismatches, evidence);
  return { audit: auditOf(at.number, counts, evidence), mismatches, isRepairable, hasRecords };
}

/** Null where no endpoint gives the contract's state right before the start block. */
async function revokedBeforeStart(
  { chain, deployment: { startBlock } }: Audited,
  mismatches: readonly CountMismatch[],
): Promise<number | null> {
  if (mismatches.length === 0 || startBlock === 0) return 0;
  try {
    const before = await chain.block(startBlock - 1);
    if (!(await chain.hasContract(before))) return 0;
    return await sumOfCounts(
      chain,
      mismatches.map(({ lockId }) => lockId),
      before,
    );
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return null;
  }
}
