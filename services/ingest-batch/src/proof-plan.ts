import { blockRange, type BlockRange, type LogProof } from '@hybrid-sync/domain';

/** A range of final blocks, and how it is made sure that no log of it is missing. */
export interface RangeToProve {
  readonly range: BlockRange;
  readonly prove: LogProof;
}

/**
 * The newest `bloomBlocks` of the range are read with their headers, the older ones without: headers of a long history
 * cost far more than its logs. What a second endpoint and the audit say is all that speaks for the older ones.
 */
export function proofPlan({ fromBlock, toBlock }: BlockRange, bloomBlocks: number): readonly RangeToProve[] {
  const firstWithBloom = Math.max(fromBlock, toBlock - bloomBlocks + 1);
  const older = blockRange(fromBlock, firstWithBloom - 1);
  const newest = blockRange(firstWithBloom, toBlock);
  return [
    ...(older === null ? [] : [{ range: older, prove: 'none' as const }]),
    ...(newest === null ? [] : [{ range: newest, prove: 'bloom' as const }]),
  ];
}
