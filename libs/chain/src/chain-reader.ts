import {
  blockCount,
  bloomMayContain,
  decodeRevocationLog,
  halve,
  revocationKey,
  type Address,
  type BlockRange,
  type BlockRef,
  type Hash32,
  type LockId,
  type LogProof,
  type RevocationIdentity,
  type RevocationLog,
} from '@hybrid-sync/domain';
import type { Endpoint } from './endpoint.js';
import { EndpointPool, type EndpointPoolOptions } from './endpoint-pool.js';
import { encodeView, revocationTopic, type RegistryView } from './lock-registry.js';
import { distrustLogs, inChainOrder, type LogQuery } from './log-answer.js';
import { mayFitInHalves, RpcError } from './rpc-error.js';
import { readBlockByHash, readBlockByTag, type BlockTag } from './block-answer.js';
import {
  codeAnswer,
  encodeQuantity,
  logsAnswer,
  quantity,
  wordAnswer,
  type ChainBlock,
  type StampedLog,
} from './wire.js';

export interface ChainReaderOptions {
  /** HTTP endpoints of the same chain. */
  readonly urls: readonly string[];
  readonly contract: Address;
  /** Called for every log of the contract and event that is not a revocation as the contract emits them. */
  readonly rejected: (reason: string) => void;
  readonly endpoints?: EndpointPoolOptions;
}

/** The revocations of one block. */
export interface BlockLogs {
  readonly logs: readonly RevocationLog[];
  readonly proof: LogProof;
}

/** What a range holds. `last` is the header of its last block, as the endpoint that answered for the logs has it. */
export interface RangeLogs extends BlockLogs {
  readonly last: ChainBlock;
}

/** Reads blocks and SignatureRevoked logs. Every method rejects with an {@link RpcError} when no endpoint can answer. */
export class ChainReader {
  readonly #pool: EndpointPool;
  readonly #contract: Address;
  readonly #rejected: (reason: string) => void;

  constructor({ urls, contract, rejected, endpoints }: ChainReaderOptions) {
    this.#pool = new EndpointPool(urls, endpoints);
    this.#contract = contract;
    this.#rejected = rejected;
  }

  chainId(): Promise<number> {
    return this.#pool.run(async (endpoint) => {
      const answer = quantity.safeParse(await endpoint.call('eth_chainId', []));
      if (!answer.success) throw new RpcError('malformed', 'eth_chainId', 'the answer is not a number');
      return answer.data;
    });
  }

  /** Whether there is code at the contract's address, at the head. */
  hasContract(): Promise<boolean> {
    return this.#pool.run(async (endpoint) => {
      const answer = codeAnswer.safeParse(await endpoint.call('eth_getCode', [this.#contract, 'latest']));
      if (!answer.success) throw new RpcError('malformed', 'eth_getCode', 'the answer is not code');
      return answer.data !== '0x';
    });
  }

  block(tag: BlockTag): Promise<ChainBlock> {
    return this.#pool.run((endpoint) => readBlockByTag(endpoint, tag));
  }

  blockByHash(hash: Hash32): Promise<ChainBlock> {
    return this.#pool.run((endpoint) => readBlockByHash(endpoint, hash));
  }

  /** The revocations of one block. An endpoint that does not have the block is an error, never an empty answer. */
  logsOfBlock(block: ChainBlock): Promise<BlockLogs> {
    if (!bloomMayContain(block.logsBloom, [this.#contract, revocationTopic]))
      return Promise.resolve({ logs: [], proof: 'receipts' });
    const query: LogQuery = { kind: 'block', blockHash: block.hash, blockNumber: block.number };
    return this.#pool.run(async (endpoint) => {
      const logs = await this.#readLogs(endpoint, query);
      return { logs: this.#decode(logs, new Map([[block.number, block.timestamp]])), proof: 'none' };
    });
  }

  /** Whether the contract says so, as of this block. */
  async isRevoked({ lockId, signatureHash }: RevocationIdentity, at: Pick<BlockRef, 'hash'>): Promise<boolean> {
    return (await this.#callContract('revokedSignatures', [lockId, signatureHash], at)) !== 0n;
  }

  /** How many revocations of a lock the contract counts, as of this block. */
  async revocationCount(lockId: LockId, at: Pick<BlockRef, 'hash'>): Promise<number> {
    return Number(await this.#callContract('getRevokedSignatureCount', [lockId], at));
  }

  /** The log of one revocation within a range; null where there is none. */
  async findRevocation(identity: RevocationIdentity, range: BlockRange): Promise<RevocationLog | null> {
    const { logs } = await this.logsOfRange(range);
    return logs.find((log) => revocationKey(log) === revocationKey(identity)) ?? null;
  }

  #callContract(view: RegistryView, args: readonly unknown[], at: Pick<BlockRef, 'hash'>): Promise<bigint> {
    const call = { to: this.#contract, data: encodeView(view, args) };
    return this.#pool.run(async (endpoint) => {
      const answer = wordAnswer.safeParse(await endpoint.call('eth_call', [call, { blockHash: at.hash }]));
      if (!answer.success) throw new RpcError('malformed', 'eth_call', `the answer is not what ${view} gives`);
      return answer.data;
    });
  }

  /**
   * The revocations of a range of final blocks. A range that the endpoint refuses is read in halves; a single block
   * that is refused is an error.
   */
  async logsOfRange(range: BlockRange): Promise<RangeLogs> {
    try {
      return await this.#pool.run((endpoint) => this.#readRange(endpoint, range));
    } catch (error) {
      if (blockCount(range) === 1 || !mayFitInHalves(error)) throw error;
      const [lower, upper] = halve(range);
      const below = await this.logsOfRange(lower);
      const above = await this.logsOfRange(upper);
      return { last: above.last, logs: [...below.logs, ...above.logs], proof: 'none' };
    }
  }

  /** Logs and last header come from one endpoint: a node that lags answers with an empty list for blocks it lacks. */
  async #readRange(endpoint: Endpoint, range: BlockRange): Promise<RangeLogs> {
    const last = await readBlockByTag(endpoint, range.toBlock);
    const raw = await this.#readLogs(endpoint, { kind: 'range', range });
    if (raw.some((log) => log.blockNumber === last.number && log.blockHash !== last.hash)) {
      throw new RpcError('malformed', 'eth_getLogs', 'the logs belong to another block than the header');
    }
    return { last, logs: this.#decode(raw, await blockTimes(endpoint, raw)), proof: 'none' };
  }

  async #readLogs(endpoint: Endpoint, query: LogQuery): Promise<readonly StampedLog[]> {
    const where =
      query.kind === 'block'
        ? { blockHash: query.blockHash }
        : { fromBlock: encodeQuantity(query.range.fromBlock), toBlock: encodeQuantity(query.range.toBlock) };
    const filter = { address: this.#contract, topics: [revocationTopic], ...where };
    const answer = logsAnswer.safeParse(await endpoint.call('eth_getLogs', [filter]));
    if (!answer.success) throw new RpcError('malformed', 'eth_getLogs', 'the answer is not a list of logs');
    const reason = distrustLogs(answer.data, query, this.#contract);
    if (reason !== null) throw new RpcError('malformed', 'eth_getLogs', reason);
    return inChainOrder(answer.data);
  }

  #decode(raw: readonly StampedLog[], times: BlockTimes): readonly RevocationLog[] {
    return raw.flatMap((log) => {
      const decoded = decodeRevocationLog(log, this.#contract, timeOf(log, times));
      if (decoded.kind === 'revocation') return [decoded.log];
      this.#rejected(decoded.reason);
      return [];
    });
  }
}

/** Seconds since the epoch, by block number. */
type BlockTimes = ReadonlyMap<number, number>;

/** Most endpoints give the time with the log; for the others each block is read once. */
async function blockTimes(endpoint: Endpoint, logs: readonly StampedLog[]): Promise<BlockTimes> {
  const times = new Map<number, number>();
  for (const log of logs) {
    if (times.has(log.blockNumber)) continue;
    const time = log.blockTimestamp ?? (await readBlockByHash(endpoint, log.blockHash)).timestamp;
    times.set(log.blockNumber, time);
  }
  return times;
}

function timeOf(log: StampedLog, times: BlockTimes): number {
  const time = times.get(log.blockNumber);
  if (time === undefined) throw new Error(`the time of block ${log.blockNumber} was not read`);
  return time;
}
