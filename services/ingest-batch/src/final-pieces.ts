import { RpcError, type ChainBlock, type RangeLogs } from '@hybrid-sync/chain';
import { blockCount, type BlockRange, type LogProof, type ScannedRange } from '@hybrid-sync/domain';
import { bytesOf, expectedBytes, firstSizing, halved, mayStart, sizedBy, type PieceSizing } from './piece-sizing.js';
import { proofPlan, type ProofReach, type RangeToProve } from './proof-plan.js';

export interface ReadOptions {
  /** Of a query over sparse blocks; dense answers make the next ones smaller. */
  readonly blocksPerQuery: number;
  readonly proof: ProofReach;
  readonly signal: AbortSignal;
}

export interface RangeReader {
  logsOfRange(range: BlockRange, prove: LogProof): Promise<RangeLogs>;
}

export interface FinalPiece {
  readonly scanned: ScannedRange;
  /** Header of the last block of the piece. */
  readonly last: ChainBlock;
  readonly proof: LogProof;
}

/** Queries under way at once. */
const queriesAhead = 4;
/** Without headers a query over empty blocks costs next to nothing. */
const growthWithoutHeaders = 10;

/**
 * Reads a range of final blocks piece by piece, ahead and in order. Reading waits for whoever takes the pieces: what is
 * held in between is bounded in bytes. Throws between two pieces once the signal aborts.
 */
export async function* finalPieces(
  chain: RangeReader,
  range: BlockRange,
  options: ReadOptions,
): AsyncGenerator<FinalPiece> {
  for (const part of proofPlan(range, options.proof)) {
    const pieces = new PiecesAhead(chain, part, options.blocksPerQuery);
    for (let piece = await pieces.next(); piece !== null; piece = await pieces.next()) {
      options.signal.throwIfAborted();
      yield piece;
    }
  }
}

interface PieceUnderWay {
  readonly range: BlockRange;
  /** Null where it was too much for one answer. */
  readonly answer: Promise<RangeLogs | null>;
  bytes: number;
}

class PiecesAhead {
  readonly #chain: RangeReader;
  readonly #part: RangeToProve;
  #sizing: PieceSizing;
  #nextBlock: number;
  #underWay: PieceUnderWay[] = [];

  constructor(chain: RangeReader, part: RangeToProve, blocks: number) {
    this.#chain = chain;
    this.#part = part;
    const maxBlocks = part.prove === 'none' ? blocks * growthWithoutHeaders : blocks;
    this.#sizing = firstSizing(blocks, maxBlocks);
    this.#nextBlock = part.range.fromBlock;
  }

  /** Null at the end. What can be read ahead meanwhile is under way when it resolves. */
  async next(): Promise<FinalPiece | null> {
    for (;;) {
      this.#fill();
      const first = this.#underWay.shift();
      if (first === undefined) return null;
      const answer = await first.answer;
      if (answer === null) {
        this.#sizing = halved(this.#sizing, first.range);
        this.#nextBlock = first.range.fromBlock;
        this.#underWay = [];
        continue;
      }
      this.#sizing = sizedBy(this.#sizing, first.range, first.bytes);
      this.#fill();
      return pieceOf(first.range, answer);
    }
  }

  #fill(): void {
    const { toBlock } = this.#part.range;
    while (this.#nextBlock <= toBlock && mayStart(this.#sizing, this.#held(), queriesAhead)) {
      const fromBlock = this.#nextBlock;
      const range = { fromBlock, toBlock: Math.min(fromBlock + this.#sizing.blocks - 1, toBlock) };
      this.#underWay.push(this.#start(range));
      this.#nextBlock = range.toBlock + 1;
    }
  }

  #held(): readonly number[] {
    return this.#underWay.map(({ bytes }) => bytes);
  }

  #start(range: BlockRange): PieceUnderWay {
    const answer = this.#read(range);
    const piece = { range, answer, bytes: expectedBytes(this.#sizing, range) };
    // A failure is thrown when its turn comes; until then it must not count as unhandled.
    answer.then(
      (found) => (piece.bytes = bytesOf(found?.logs.length ?? 0)),
      () => undefined,
    );
    return piece;
  }

  async #read(range: BlockRange): Promise<RangeLogs | null> {
    try {
      return await this.#chain.logsOfRange(range, this.#part.prove);
    } catch (error) {
      if (blockCount(range) > 1 && isTooMuch(error)) return null;
      throw error;
    }
  }
}

function isTooMuch(error: unknown): boolean {
  return error instanceof RpcError && ['too-large', 'too-dense'].includes(error.kind);
}

export function pieceOf(range: BlockRange, { last, logs, proof }: RangeLogs): FinalPiece {
  const blockHashes = new Map(logs.map((log) => [log.blockNumber, log.blockHash]));
  return { last, proof, scanned: { range, blockHashes, logs } };
}
