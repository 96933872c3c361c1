/** Inclusive at both ends. */
export interface BlockRange {
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** Null where the range would be empty. */
export function blockRange(fromBlock: number, toBlock: number): BlockRange | null {
  return fromBlock <= toBlock ? { fromBlock, toBlock } : null;
}

export function contains(range: BlockRange, block: number): boolean {
  return range.fromBlock <= block && block <= range.toBlock;
}

export function blockCount(range: BlockRange): number {
  return range.toBlock - range.fromBlock + 1;
}

/** The range in pieces of at most `size` blocks, in order, without a gap or an overlap. */
export function* splitBySize(range: BlockRange, size: number): Generator<BlockRange> {
  for (let fromBlock = range.fromBlock; fromBlock <= range.toBlock; fromBlock += size) {
    yield { fromBlock, toBlock: Math.min(fromBlock + size - 1, range.toBlock) };
  }
}

/** Two halves, the lower first. The range must hold more than one block. */
export function halve(range: BlockRange): readonly [BlockRange, BlockRange] {
  const middle = range.fromBlock + Math.floor((range.toBlock - range.fromBlock) / 2);
  return [
    { fromBlock: range.fromBlock, toBlock: middle },
    { fromBlock: middle + 1, toBlock: range.toBlock },
  ];
}
