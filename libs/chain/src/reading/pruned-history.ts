import type { BlockRange } from '@hybrid-sync/domain';

/** No endpoint has the logs of these blocks any more: only one that keeps the whole history, an archive, can give them. */
export class PrunedHistoryError extends Error implements BlockRange {
  override readonly name = 'PrunedHistoryError';
  readonly fromBlock: number;
  readonly toBlock: number;

  constructor({ fromBlock, toBlock }: BlockRange, options?: ErrorOptions) {
    super(`no endpoint has blocks ${fromBlock} to ${toBlock} any more`, options);
    this.fromBlock = fromBlock;
    this.toBlock = toBlock;
  }
}
