import { RpcError, type ChainBlock, type ChainReader } from '@hybrid-sync/chain';
import type { Hash32 } from '@hybrid-sync/domain';
import { inParallel } from './in-parallel.js';

/** Headers that are asked for ahead, and of those how many at once. */
const headersAhead = 64;
const headersAtOnce = 16;

/**
 * Gives the blocks of a branch from its head down. Blocks above the floor are asked for by number, many at once; what
 * counts is the parent hash, so a block that lies on another branch is read again by its hash.
 */
export class Branch {
  readonly #chain: Pick<ChainReader, 'block' | 'blockByHash'>;
  readonly #floor: number;
  #ahead: ReadonlyMap<Hash32, ChainBlock> = new Map();
  #lowestAsked = Number.POSITIVE_INFINITY;

  constructor(chain: Pick<ChainReader, 'block' | 'blockByHash'>, floor: number) {
    this.#chain = chain;
    this.#floor = floor;
  }

  async parentOf({ number, parentHash }: ChainBlock): Promise<ChainBlock> {
    if (number - 1 < this.#lowestAsked && number - 2 > this.#floor) await this.#readAhead(number - 1);
    return this.#ahead.get(parentHash) ?? this.#chain.blockByHash(parentHash);
  }

  async #readAhead(highest: number): Promise<void> {
    this.#lowestAsked = Math.max(this.#floor + 1, highest - headersAhead + 1);
    const count = highest - this.#lowestAsked + 1;
    const numbers = Array.from({ length: count }, (_, index) => highest - index);
    const blocks = await inParallel(numbers, headersAtOnce, (number) => this.#chain.block(number).catch(nothing));
    this.#ahead = new Map(blocks.flatMap((block) => (block === null ? [] : [[block.hash, block]])));
  }
}

/** Asking ahead is an attempt: the walk by parent hash finds out what is wrong. */
function nothing(error: unknown): null {
  if (error instanceof RpcError) return null;
  throw error;
}
