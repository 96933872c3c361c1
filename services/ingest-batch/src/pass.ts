import {
  auditDuringPass,
  blockCount,
  blockRange,
  weakestProof,
  type BlockRange,
  type BlockRef,
  type ComponentStatus,
  type Coverage,
  type LogProof,
  type MissingHistory,
} from '@hybrid-sync/domain';
import { advanceTo, baseBlock, scannedBlocks, type Ingester } from '@hybrid-sync/ingest';
import { coveredBefore } from './blocks-in-doubt.js';
import { confirmedPiece } from './confirmed-piece.js';
import { finalPieces, type ReadOptions } from './final-pieces.js';
import { HeadMovedError } from './head-moved.js';
import { HeightsReader, type Heights } from './heights.js';
import type { ProofReach } from './proof-plan.js';

/** What a pass stands on, and what it found. */
export interface PassState {
  readonly coverage: Coverage | null;
  /** The weakest of what was scanned; null before anything was. */
  readonly proof: LogProof | null;
  /** Blocks that were taken on the word of the endpoints. */
  readonly unprovenBlocks: number;
}

/** Blocks above the finalized one that are read one by one; beyond that the range is read up to the finalized block first. */
const longestHead = 256;
/** A head that leaves its branch so often within one pass is a failure. */
const headAttempts = 5;

/**
 * Scans everything above the blocks that were final at the previous pass, up to the head: final blocks by range, the
 * rest by block hash. Coverage grows, and is said, after every acknowledged piece.
 */
export async function runPass(ingester: Ingester, before: Coverage | null, options: ReadOptions): Promise<PassState> {
  const pass = new Pass(ingester, before, options);
  await pass.run();
  return pass.state;
}

class Pass {
  readonly #ingester: Ingester;
  readonly #options: ReadOptions;
  readonly #heights: HeightsReader;
  readonly #covered: readonly BlockRange[];
  /** The last word of this ingester: what a pass does not look at stays as it was said. */
  readonly #said: ComponentStatus | null;
  #coverage: Coverage | null;
  #proof: LogProof | null = null;
  /** Every final block was to be read by its receipts. */
  #isProven = true;
  #unprovenBlocks = 0;
  /** Of what an earlier pass covered and this one has not looked at yet; null where there is nothing left of it. */
  #earlierProof: LogProof | null;

  constructor(ingester: Ingester, before: Coverage | null, options: ReadOptions) {
    this.#ingester = ingester;
    this.#options = options;
    this.#heights = new HeightsReader(ingester.chain);
    this.#coverage = before;
    this.#said = ingester.reporter.last ?? ingester.view.component(ingester.component);
    this.#earlierProof = this.#said?.coverage == null ? null : this.#said.proof;
    this.#covered = coveredBefore(before, ingester.view.component('ingest-realtime')?.coverage ?? null);
  }

  get state(): PassState {
    return { coverage: this.#coverage, proof: this.#proof, unprovenBlocks: this.#unprovenBlocks };
  }

  async run(): Promise<void> {
    const { view, writer } = this.#ingester;
    const heights = await this.#heights.fresh();
    await view.reached(writer.acknowledged);
    await this.#say(heights, { syncing: true });
    for (let attempt = 1; ; attempt += 1) {
      const settled = await this.#scanFinalized();
      this.#options.signal.throwIfAborted();
      try {
        await this.#scanHead(settled);
        return;
      } catch (error) {
        if (!(error instanceof HeadMovedError) || attempt === headAttempts) throw error;
      }
    }
  }

  /** Gives the heights as of which everything final has been scanned: while a long range is read, more becomes final. */
  async #scanFinalized(): Promise<Heights> {
    for (;;) {
      const heights = await this.#heights.fresh();
      const range = blockRange(this.#firstUnsettled, heights.finalized.number);
      if (range !== null) await this.#scanRange(range);
      if (range === null || range.toBlock - range.fromBlock < longestHead) return heights;
    }
  }

  get #firstUnsettled(): number {
    return Math.max(this.#ingester.deployment.startBlock, (this.#coverage?.settledTo ?? -1) + 1);
  }

  async #scanRange(range: BlockRange): Promise<void> {
    const { chain, writer } = this.#ingester;
    const proof = this.#reach(range);
    for await (const piece of finalPieces(chain, range, { ...this.#options, proof })) {
      const { head: tip } = await this.#heights.recent();
      const found = await confirmedPiece(this.#ingester, piece, { covered: this.#covered, tip });
      await writer.reconciled(found, { source: 'batch', finality: 'finalized' });
      this.#proof = weakestProof([this.#proof ?? 'receipts', piece.proof]);
      if (piece.proof === 'none') this.#unprovenBlocks += blockCount(piece.scanned.range);
      this.#settle(piece.last, piece.scanned.range.toBlock);
      await this.#say(await this.#heights.recent(), { syncing: true });
    }
  }

  /** The first pass is followed by an audit anyway: until then nothing is known, and receipts of a history cost too much. */
  #reach(range: BlockRange): ProofReach {
    const { proof } = this.#options;
    if (this.#said?.coverage == null) return { ...proof, receiptBlocks: 0 };
    if (blockCount(range) > proof.receiptBlocks) this.#isProven = false;
    return proof;
  }

  async #scanHead({ head, finalized }: Heights): Promise<void> {
    const { chain, reconciler, writer } = this.#ingester;
    const advance = await advanceTo(head, [baseBlock(finalized)], chain);
    if (advance.kind === 'finality_violation')
      throw new HeadMovedError('the head does not descend from the finalized block');
    if (advance.kind === 'advance') {
      const found = await reconciler.reconciled(scannedBlocks(advance.blocks, head.number), head);
      if (found.kind === 'doubtful') throw new HeadMovedError('the contract contradicts the blocks that were read');
      await writer.reconciled(found, { source: 'batch', finality: 'included' });
      this.#proof = weakestProof([this.#proof ?? 'receipts', ...advance.blocks.map(({ proof }) => proof)]);
      this.#coverage = this.#covering(head, finalized.number);
      this.#earlierProof = null;
    }
    await this.#say({ head, finalized }, { syncing: false });
  }

  /** What an earlier pass covered above the finalized block stays covered until the head is scanned. */
  #settle(last: BlockRef, settledTo: number): void {
    const now = this.#covering(last, settledTo);
    const before = this.#coverage;
    const keeps = before !== null && before.coveredTo > last.number;
    this.#coverage = keeps ? { ...before, settledTo: now.settledTo, offsets: now.offsets } : now;
    if (!keeps) this.#earlierProof = null;
  }

  /**
   * Up to the scanned block and no further: after a reorg to a shorter branch, blocks of the new one that take the
   * numbers of the old one's have not been looked at. An endpoint that lags takes nothing of what is settled.
   */
  #covering({ number, hash, timestamp }: BlockRef, settledTo: number): Coverage {
    const { deployment, view, writer } = this.#ingester;
    return {
      coveredFrom: this.#coverage?.coveredFrom ?? deployment.startBlock,
      coveredTo: number,
      coveredToHash: hash,
      coveredToTimestamp: timestamp,
      settledTo: Math.max(settledTo, this.#coverage?.settledTo ?? 0),
      offsets: view.covered(writer.acknowledged),
    };
  }

  #say(heights: Heights, { syncing }: Pick<ComponentStatus, 'syncing'>): Promise<void> {
    const { component, deployment, reporter } = this.#ingester;
    return reporter.say({
      component,
      deployment,
      ...heights,
      syncing,
      coverage: this.#coverage,
      finalityViolation: null,
      proof: weakestProof([this.#earlierProof ?? 'receipts', this.#proof ?? this.#earlierProof ?? 'none']),
      audit: auditDuringPass(this.#said, { isProven: this.#isProven }),
      missing: stillMissing(this.#said?.missing ?? null, this.#coverage),
    });
  }
}

/** Blocks that no endpoint had stay missing until one of them is settled. */
function stillMissing(missing: MissingHistory | null, coverage: Coverage | null): MissingHistory | null {
  return missing !== null && (coverage?.settledTo ?? -1) < missing.fromBlock ? missing : null;
}
