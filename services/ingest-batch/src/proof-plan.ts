import { blockRange, type BlockRange, type LogProof } from '@hybrid-sync/domain';

/** A range of final blocks, and how it is made sure that no log of it is missing. */
export interface RangeToProve {
  readonly range: BlockRange;
  readonly prove: LogProof;
}

/** How many of the newest blocks are proven how; what is proven by receipts counts among the others too. */
export interface ProofReach {
  readonly receiptBlocks: number;
  readonly bloomBlocks: number;
}

/**
 * The newest blocks are read with their receipts, older ones with their headers, the oldest without: the headers of a
 * long history cost far more than its logs, and its receipts more still. What a second endpoint and the audit say is all
 * that speaks for those.
 */
export function proofPlan(range: BlockRange, { receiptBlocks, bloomBlocks }: ProofReach): readonly RangeToProve[] {
  const { fromBlock, toBlock } = range;
  const firstWithReceipts = Math.max(fromBlock, toBlock - receiptBlocks + 1);
  const firstWithBloom = Math.max(fromBlock, Math.min(firstWithReceipts, toBlock - bloomBlocks + 1));
  return [
    ...part(fromBlock, firstWithBloom - 1, 'none'),
    ...part(firstWithBloom, firstWithReceipts - 1, 'bloom'),
    ...part(firstWithReceipts, toBlock, 'receipts'),
  ];
}

function part(fromBlock: number, toBlock: number, prove: LogProof): readonly RangeToProve[] {
  const range = blockRange(fromBlock, toBlock);
  return range === null ? [] : [{ range, prove }];
}
