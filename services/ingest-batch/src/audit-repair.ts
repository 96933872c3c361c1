import type { ChainBlock, RangeLogs } from '@hybrid-sync/chain';
import {
  blockRange,
  reconcile,
  splitBySize,
  type BlockRange,
  type LockId,
  type Retraction,
  type Window,
} from '@hybrid-sync/domain';
import type { Ingester } from '@hybrid-sync/ingest';
import { prefetch } from './prefetch.js';

export type Repaired = Pick<Ingester, 'chain' | 'deployment' | 'locks' | 'reporter' | 'writer'>;

export interface RepairOptions {
  readonly locks: ReadonlySet<LockId>;
  /** The block of the audit. */
  readonly at: ChainBlock;
  readonly blocksPerQuery: number;
  readonly signal: AbortSignal;
}

/** Pieces under way at once. */
const piecesAhead = 4;
/** Passes and commands must not wait for a repair. */
const sliceMs = 1_000;

interface Piece extends RangeLogs {
  readonly range: BlockRange;
}

/**
 * Reads the chain once more from the start block to the block of an audit, everything proven by receipts, and writes
 * what the topic lacks or has too much of some locks. Goes on where it was when it fails.
 */
export class Repair {
  readonly #ingester: Repaired;
  readonly #options: RepairOptions;
  #live: Window | null = null;
  #pieces: AsyncGenerator<Piece> | null = null;
  #nextBlock: number;
  #logs = 0;
  #written = 0;

  constructor(ingester: Repaired, options: RepairOptions) {
    this.#ingester = ingester;
    this.#options = options;
    this.#nextBlock = ingester.deployment.startBlock;
  }

  /** Revocations of any lock that were read. */
  get logs(): number {
    return this.#logs;
  }

  /** Records that were written. */
  get written(): number {
    return this.#written;
  }

  /** Reads on for about a second; true when it is done. */
  async step(): Promise<boolean> {
    const until = performance.now() + sliceMs;
    const { locks, reporter } = this.#ingester;
    const progressed = (): void => {
      reporter.progressed();
    };
    this.#live ??= await locks.records(this.#options.locks, progressed);
    try {
      while (performance.now() < until) {
        if (await this.#isAtEnd(this.#live)) return true;
        progressed();
      }
      return false;
    } catch (error) {
      this.#pieces = null;
      throw error;
    }
  }

  async #isAtEnd(live: Window): Promise<boolean> {
    this.#options.signal.throwIfAborted();
    this.#pieces ??= this.#read();
    const next: IteratorResult<Piece, unknown> = await this.#pieces.next();
    if (next.done === true) return true;
    await this.#write(next.value, live);
    this.#nextBlock = next.value.range.toBlock + 1;
    return false;
  }

  #read(): AsyncGenerator<Piece> {
    const { chain } = this.#ingester;
    const { at, blocksPerQuery } = this.#options;
    const range = blockRange(this.#nextBlock, at.number);
    const ranges = range === null ? [] : splitBySize(range, blocksPerQuery);
    return prefetch(ranges, piecesAhead, async (piece) => ({
      range: piece,
      ...(await chain.logsOfRange(piece, 'receipts')),
    }));
  }

  async #write({ range, logs }: Piece, live: Window): Promise<void> {
    this.#logs += logs.length;
    const ofLocks = logs.filter(({ lockId }) => this.#options.locks.has(lockId));
    const blockHashes = new Map(logs.map((log) => [log.blockNumber, log.blockHash]));
    const { publish, retract } = reconcile({ range, blockHashes, logs: ofLocks }, live);
    const found = { publish, retract: await this.#confirmed(retract) };
    this.#written += found.publish.length + found.retract.length;
    await this.#ingester.writer.reconciled(found, { source: 'batch', finality: 'finalized' });
  }

  /** Nothing is taken back that the contract holds for revoked. */
  async #confirmed(retract: readonly Retraction[]): Promise<readonly Retraction[]> {
    const { chain } = this.#ingester;
    if (retract.length === 0) return [];
    // The state of the audit's own block may be gone by now; what a later one says is as good.
    const at = await chain.block('finalized');
    const confirmed: Retraction[] = [];
    for (const retraction of retract) {
      if (!(await chain.isRevoked(retraction, at))) confirmed.push(retraction);
    }
    return confirmed;
  }
}
