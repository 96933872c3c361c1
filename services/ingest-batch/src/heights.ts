import type { ChainBlock } from '@hybrid-sync/chain';
import type { Ingester } from '@hybrid-sync/ingest';

/** The chain's head and its finalized block, read one right after the other. */
export interface Heights {
  readonly head: ChainBlock;
  readonly finalized: ChainBlock;
}

/** What is known of a chain that grows while it is read. */
export class HeightsReader {
  readonly #chain: Pick<Ingester['chain'], 'block'>;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #last: { readonly heights: Heights; readonly at: number } | null = null;

  constructor(chain: Pick<Ingester['chain'], 'block'>, maxAgeMs = 2_000, now = (): number => performance.now()) {
    this.#chain = chain;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  async fresh(): Promise<Heights> {
    const at = this.#now();
    const [head, finalized] = await Promise.all([this.#chain.block('latest'), this.#chain.block('finalized')]);
    this.#last = { heights: { head, finalized }, at };
    return this.#last.heights;
  }

  /** Not older than `maxAgeMs`: for every piece anew it would cost as much as the piece where those are small. */
  async recent(): Promise<Heights> {
    if (this.#last === null || this.#now() - this.#last.at > this.#maxAgeMs) return this.fresh();
    return this.#last.heights;
  }
}
