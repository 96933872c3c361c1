import { blockCount, splitBySize, type BlockRange } from '@hybrid-sync/domain';
import { readBlockByTag } from './block-answer.js';
import { readReceiptLogs } from './block-logs.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import { holdingLogs } from '../proof/held-logs.js';
import { readLogs } from './log-query.js';
import { mapAhead } from './map-ahead.js';
import { refusedForBlock } from './one-block.js';
import { PrunedHistoryError } from './pruned-history.js';
import { blocksPerQuery, firstQuery, limitAfterAnswer, limitAfterRefusal, type RangeLimit } from './range-limit.js';
import type { Reading } from './reading.js';
import { RpcError, type RpcErrorKind } from '../endpoint/rpc-error.js';
import type { ChainBlock, StampedLog } from './wire.js';

export interface RangeLogsOptions {
  /** Of the logs: the event's, or the event's with those of one revocation. */
  readonly topics: readonly string[];
  /** Labels of endpoints that are asked last. */
  readonly except?: readonly string[];
  /** That they are not asked at all. */
  readonly othersOnly?: boolean;
  /** Called with the label of the first endpoint that is asked. */
  readonly asking?: (label: string) => void;
}

/** What endpoints say that a range holds, in the order of the chain. */
export interface RangeAnswer {
  readonly logs: readonly StampedLog[];
  /** Header of the range's last block, as every endpoint that answered has it. */
  readonly last: ChainBlock;
  readonly endpoints: ReadonlySet<string>;
}

/**
 * Asks for the logs of a range in as many queries as the endpoints want, and remembers for later ranges what they want.
 * Rejects with a {@link PrunedHistoryError} when no endpoint has the blocks any more, and as `too-large` when the range
 * holds more logs than should be held at once.
 */
export async function readRangeLogs(
  range: BlockRange,
  reading: Reading,
  options: RangeLogsOptions,
): Promise<RangeAnswer> {
  const run = new RangeRun(range, reading, options);
  const parts = await run.cover(range);
  return { logs: parts.flatMap(({ logs }) => logs), last: run.last, endpoints: run.endpoints };
}

const queriesAtOnce = 4;
/** Before a range is given up because of a rate limit; what was read of it would be read again. */
const rateLimitPausesMs = [500, 1000, 2000, 4000, 8000];
const longestPauseMs = 20_000;

/** A larger query was made smaller, so what is left of it is about a single block. */
const aboutOneBlock: readonly RpcErrorKind[] = ['refused', 'too-dense', 'too-large', 'too-wide'];

interface Part {
  readonly range: BlockRange;
  readonly logs: readonly StampedLog[];
  /** What the endpoint takes per query, as far as it is known now. */
  readonly blocks: number;
}

interface Failure {
  readonly error: RpcError;
  /** The limit before anything was refused. */
  readonly before: RangeLimit;
  /** The query before this one was too slow as well: the endpoint may just hang. */
  readonly slow: boolean;
}

class RangeRun {
  readonly #whole: BlockRange;
  readonly #reading: Reading;
  readonly #options: RangeLogsOptions;
  readonly #lasts = new Map<string, ChainBlock>();
  readonly #hold: (logs: readonly StampedLog[]) => void;
  readonly endpoints = new Set<string>();

  constructor(whole: BlockRange, reading: Reading, options: RangeLogsOptions) {
    this.#whole = whole;
    this.#reading = reading;
    this.#options = options;
    this.#hold = holdingLogs(whole);
  }

  get last(): ChainBlock {
    const [last] = this.#lasts.values();
    if (last === undefined) throw new Error('nothing was read');
    return last;
  }

  /** The first answer tells how large the others may be. */
  async cover(range: BlockRange): Promise<readonly Part[]> {
    const first = await this.#beginning(range);
    this.#hold(first.logs);
    if (first.range.toBlock >= range.toBlock) return [first];
    const rest = { fromBlock: first.range.toBlock + 1, toBlock: range.toBlock };
    const parts = await mapAhead(splitBySize(rest, first.blocks), queriesAtOnce, (piece) => this.cover(piece));
    return [first, ...parts.flat()];
  }

  /** The logs of the range, or of as much of its beginning as an endpoint takes. */
  async #beginning(range: BlockRange): Promise<Part> {
    for (const pauseMs of [...rateLimitPausesMs, null]) {
      try {
        return await this.#ask(range);
      } catch (error) {
        if (!(error instanceof RpcError) || error.kind !== 'rate-limited' || pauseMs === null) throw error;
        const wantedMs = error.retryAfterMs ?? 0;
        if (wantedMs > longestPauseMs) throw error;
        await this.#reading.sleep(Math.max(pauseMs, wantedMs));
      }
    }
    throw new Error('the last try ends the loop');
  }

  async #ask(range: BlockRange): Promise<Part> {
    const { pool } = this.#reading;
    const { except = [] } = this.#options;
    const failures = new Set<RpcErrorKind>();
    const task = async (endpoint: Endpoint): Promise<Part> => {
      try {
        return await this.#askEndpoint(endpoint, range);
      } catch (error) {
        if (error instanceof RpcError) failures.add(error.kind);
        throw refusedForBlock(error, endpoint);
      }
    };
    try {
      return await pool.run(task, { except });
    } catch (error) {
      if (failures.size === 1 && failures.has('pruned')) throw new PrunedHistoryError(range, { cause: error });
      const part = aboutOneBlock.some((kind) => failures.has(kind)) ? await this.#fromReceipts(range.fromBlock) : null;
      if (part === null) throw error;
      return part;
    }
  }

  /** What endpoints refuse of a single block, such as more logs than they give at once, its receipts may still tell. */
  async #fromReceipts(number: number): Promise<Part | null> {
    if (this.#options.othersOnly === true) return null;
    const { pool } = this.#reading;
    const block = await pool.run((endpoint) => readBlockByTag(endpoint, number, this.#reading));
    const logs = await readReceiptLogs(block, this.#reading);
    if (logs === null) return null;
    const { topics } = this.#options;
    const wanted = logs.filter((log) => topics.every((topic, index) => log.topics[index] === topic));
    return { range: { fromBlock: number, toBlock: number }, logs: wanted, blocks: 1 };
  }

  /** Shrinks the query until the endpoint answers. What is refused without a reason that we know is tried once more. */
  async #askEndpoint(endpoint: Endpoint, range: BlockRange): Promise<Part> {
    this.#refuseExcepted(endpoint);
    this.#options.asking?.(endpoint.label);
    await this.#requireLast(endpoint);
    const memory = this.#reading.memories.of(endpoint);
    const before = memory.limit;
    let [rest, failed]: [BlockRange, RpcErrorKind | null] = [range, null];
    for (;;) {
      const asked: BlockRange = firstQuery(rest, memory.limit);
      try {
        return await this.#query(endpoint, asked);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        const again: boolean = error.kind === 'refused' && failed === null && blockCount(asked) > 1;
        rest = again ? asked : this.#shrink(endpoint, asked, { error, before, slow: failed === 'too-slow' });
        failed = again || error.kind === 'too-slow' ? error.kind : null;
      }
    }
  }

  #refuseExcepted({ label }: Endpoint): void {
    const { except = [], othersOnly = false } = this.#options;
    if (othersOnly && except.includes(label))
      throw new RpcError('refused', 'eth_getLogs', 'there is no other endpoint to ask', { label });
  }

  /** What to ask for instead; throws the error where a smaller query will not do. */
  #shrink(endpoint: Endpoint, asked: BlockRange, { error, before, slow }: Failure): BlockRange {
    const memory = this.#reading.memories.of(endpoint);
    const learnt = limitAfterRefusal(memory.limit, asked, error);
    if (learnt !== null) this.#learn(endpoint, learnt);
    // Where a single block is refused as well, the endpoint did not refuse because of how many there were.
    else if (error.kind === 'refused') this.#learn(endpoint, before);
    if (learnt === null || (slow && error.kind === 'too-slow')) throw error;
    return firstQuery(asked, learnt);
  }

  #learn(endpoint: Endpoint, limit: RangeLimit): void {
    const { memories, observe } = this.#reading;
    const memory = memories.of(endpoint);
    const { ceiling } = memory.limit;
    memory.limit = limit;
    if (limit.ceiling !== ceiling && limit.ceiling !== Infinity)
      observe({ kind: 'range-limit', endpoint: endpoint.label, blocks: limit.ceiling });
  }

  /** A node that lags answers with an empty list for blocks that it lacks, so it must have the last one beforehand. */
  async #requireLast(endpoint: Endpoint): Promise<ChainBlock> {
    const known = this.#lasts.get(endpoint.label);
    if (known !== undefined) return known;
    const last = await readBlockByTag(endpoint, this.#whole.toBlock, this.#reading);
    if ([...this.#lasts.values()].some(({ hash }) => hash !== last.hash)) {
      this.#reading.observe({ kind: 'disagreement', outcome: 'branch' });
      throw new RpcError('malformed', 'eth_getBlockByNumber', 'the endpoint has another block than the others');
    }
    this.#lasts.set(endpoint.label, last);
    return last;
  }

  async #query(endpoint: Endpoint, asked: BlockRange): Promise<Part> {
    const { topics } = this.#options;
    const logs = await readLogs(endpoint, { blocks: { kind: 'range', range: asked }, topics }, this.#reading);
    const last = await this.#requireLast(endpoint);
    if (logs.some((log) => log.blockNumber === last.number && log.blockHash !== last.hash))
      throw new RpcError('malformed', 'eth_getLogs', 'the logs belong to another block than the header');
    this.endpoints.add(endpoint.label);
    const memory = this.#reading.memories.of(endpoint);
    this.#learn(endpoint, limitAfterAnswer(memory.limit, blockCount(asked)));
    return { range: asked, logs, blocks: blocksPerQuery(memory.limit) };
  }
}
