import { blockCount, type BlockRange } from '@hybrid-sync/domain';
import { mayFitInHalves, type RpcError } from '../endpoint/rpc-error.js';

/** How many blocks per query one endpoint takes, as far as it is known. */
export interface RangeLimit {
  /** It never takes more, whatever is in them. Infinity: none has shown yet. */
  readonly ceiling: number;
  /** Of the next query: halved at once when an answer is too much, grown slowly afterwards. */
  readonly size: number;
  /** Most blocks that it ever answered for. */
  readonly taken: number;
  /** Answers at the ceiling that are still to come before more is tried. Endpoints change, but rarely. */
  readonly patience: number;
  /** The patience after the next refusal. */
  readonly nextPatience: number;
}

const firstPatience = 500;
const mostPatience = 64_000;

export const unknownLimit: RangeLimit = {
  ceiling: Infinity,
  size: Infinity,
  taken: 0,
  patience: firstPatience,
  nextPatience: firstPatience,
};

/** Blocks of the next query. */
export function blocksPerQuery({ ceiling, size }: RangeLimit): number {
  return Math.min(ceiling, size);
}

/** The first part of the range that the endpoint is believed to take. */
export function firstQuery({ fromBlock, toBlock }: BlockRange, limit: RangeLimit): BlockRange {
  return { fromBlock, toBlock: Math.min(toBlock, fromBlock + blocksPerQuery(limit) - 1) };
}

/** After an answer for so many blocks. Only a query of full size tells that a larger one may do. */
export function limitAfterAnswer(limit: RangeLimit, blocks: number): RangeLimit {
  const taken = Math.max(limit.taken, blocks);
  if (blocks < blocksPerQuery(limit)) return { ...limit, taken };
  if (limit.size < limit.ceiling) return { ...limit, taken, size: grown(limit.size) };
  if (limit.patience > 1) return { ...limit, taken, patience: limit.patience - 1 };
  return { ...limit, taken, ceiling: limit.ceiling * 2, size: grown(limit.ceiling), patience: limit.nextPatience };
}

/** After a refusal that fewer blocks may mend; null where they cannot: a single block, or another kind of failure. */
export function limitAfterRefusal(limit: RangeLimit, asked: BlockRange, error: RpcError): RangeLimit | null {
  const blocks = blockCount(asked);
  if (blocks === 1 || !mayFitInHalves(error)) return null;
  const hinted = hintedBlocks(asked, error);
  // Several queries are under way: the refusal of an earlier, larger one must not undo what a later one taught.
  if (error.kind !== 'too-wide') return { ...limit, size: Math.min(limit.size, hinted ?? half(blocks)) };
  const ceiling = Math.min(limit.ceiling, hinted ?? namedBlocks(blocks, error) ?? provenBlocks(limit, blocks));
  const nextPatience = Math.min(limit.nextPatience * 2, mostPatience);
  return { ...limit, ceiling, size: Math.min(limit.size, ceiling), patience: limit.nextPatience, nextPatience };
}

function grown(size: number): number {
  return size + Math.max(1, Math.floor(size / 16));
}

function half(blocks: number): number {
  return Math.floor(blocks / 2);
}

/** Endpoints hint ranges that lie anywhere, some of them as large as the one that was refused. */
function hintedBlocks(asked: BlockRange, { hint }: RpcError): number | null {
  if (hint?.fromBlock !== asked.fromBlock || hint.toBlock < hint.fromBlock) return null;
  return hint.toBlock < asked.toBlock ? blockCount(hint) : null;
}

/** A number that was kept and still refused counts otherwise than we do: by one at first. */
function namedBlocks(blocks: number, { maxBlocks }: RpcError): number | null {
  if (maxBlocks === undefined || maxBlocks < 1 || maxBlocks > blocks) return null;
  return Math.min(maxBlocks, blocks - 1);
}

function provenBlocks({ taken }: RangeLimit, blocks: number): number {
  return taken < blocks && taken > half(blocks) ? taken : half(blocks);
}
