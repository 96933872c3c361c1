import {
  bloomMayContain,
  decodeRevocationLog,
  type Address,
  type BlockRange,
  type BlockRef,
  type Hash32,
  type LockId,
  type LogProof,
  type RevocationIdentity,
  type RevocationLog,
} from '@hybrid-sync/domain';
import { readBlockByHash, readBlockByTag, type BlockTag } from './block-answer.js';
import { readBlockLogs } from './block-logs.js';
import { blockTimes, type BlockTimes } from './block-times.js';
import { EndpointMemories } from '../endpoint/endpoint-memory.js';
import { EndpointPool, type EndpointPoolOptions } from '../endpoint/endpoint-pool.js';
import { encodeView, revocationTopic, type RegistryView } from './lock-registry.js';
import { pause } from '../endpoint/pause.js';
import { readProvenRange } from '../proof/range-proof.js';
import type { Reading } from './reading.js';
import { findRevocationLog } from './revocation-search.js';
import { RpcError } from '../endpoint/rpc-error.js';
import { readState } from './state-calls.js';
import { codeAnswer, quantity, wordAnswer, type ChainBlock, type StampedLog } from './wire.js';

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

/** What a range holds. `last` is the header of its last block, as the endpoints that answered for the logs have it. */
export interface RangeLogs extends BlockLogs {
  readonly last: ChainBlock;
}

/** Reads blocks and SignatureRevoked logs. Every method rejects with an {@link RpcError} when no endpoint can answer. */
export class ChainReader {
  /** The endpoints that are asked. */
  readonly endpoints: EndpointPool;
  readonly #reading: Reading;
  readonly #rejected: (reason: string) => void;

  constructor({ urls, contract, rejected, endpoints }: ChainReaderOptions) {
    this.endpoints = new EndpointPool(urls, endpoints);
    this.#rejected = rejected;
    const { observe } = this.endpoints;
    const now = endpoints?.clock ?? ((): number => performance.now());
    const sleep = (milliseconds: number): Promise<void> => pause(milliseconds, endpoints?.signal);
    this.#reading = { pool: this.endpoints, contract, memories: new EndpointMemories(), observe, now, sleep };
  }

  chainId(): Promise<number> {
    return this.endpoints.run(async (endpoint) => {
      const answer = quantity.safeParse(await endpoint.call('eth_chainId', []));
      if (!answer.success) throw new RpcError('malformed', 'eth_chainId', 'the answer is not a number');
      return answer.data;
    });
  }

  /** Whether there is code at the contract's address, as of this block; at the head where none is given. */
  async hasContract(at?: Pick<BlockRef, 'hash'>): Promise<boolean> {
    const { contract } = this.#reading;
    if (at === undefined) {
      const codeAtHead = this.endpoints.run(async (endpoint) =>
        parseCode(await endpoint.call('eth_getCode', [contract, 'latest'])),
      );
      return (await codeAtHead) !== '0x';
    }
    const calls = { method: 'eth_getCode', paramsList: [[contract]], at: at.hash } as const;
    const [code] = await readState(calls, parseCode, this.#reading);
    return code !== '0x';
  }

  block(tag: BlockTag): Promise<ChainBlock> {
    if (typeof tag === 'string')
      return this.endpoints.head(tag, (endpoint) => readBlockByTag(endpoint, tag, this.#reading));
    return this.endpoints.run((endpoint) => readBlockByTag(endpoint, tag, this.#reading));
  }

  blockByHash(hash: Hash32): Promise<ChainBlock> {
    return this.endpoints.run((endpoint) => readBlockByHash(endpoint, hash, this.#reading));
  }

  /**
   * The revocations of one block, from receipts that its header commits to; `proof` is `none` where no endpoint gives
   * receipts. An endpoint that does not have the block is an error, never an empty answer.
   */
  async logsOfBlock(block: ChainBlock): Promise<BlockLogs> {
    if (!bloomMayContain(block.logsBloom, [this.#reading.contract, revocationTopic]))
      return { logs: [], proof: 'receipts' };
    const { logs, proof } = await readBlockLogs(block, this.#reading);
    return { logs: this.#decode(logs, new Map([[block.hash, block.timestamp]])), proof };
  }

  /**
   * The revocations of a range of final blocks, in order, read from two endpoints where there are as many; what they
   * differ in is proven by receipts. Rejects with a {@link PrunedHistoryError} when no endpoint has the blocks any more,
   * and with an {@link RpcError} `too-large` when the range holds more logs than should be held at once.
   * @param prove `bloom`: blocks without a log are held against the bloom filters of their headers; `receipts`: every
   *   log comes from receipts. The answer's `proof` says what was possible.
   */
  async logsOfRange(range: BlockRange, prove: LogProof = 'bloom'): Promise<RangeLogs> {
    const { last, logs, proof, headers } = await readProvenRange(range, prove, this.#reading);
    const times = await blockTimes(logs, [...headers.values(), last], this.#reading);
    return { last, logs: this.#decode(logs, times), proof };
  }

  /** Whether the contract says so, as of this block. Rejects as `pruned` when no endpoint has that state any more. */
  async isRevoked({ lockId, signatureHash }: RevocationIdentity, at: Pick<BlockRef, 'hash'>): Promise<boolean> {
    const [answer] = await this.#view('revokedSignatures', [[lockId, signatureHash]], at);
    return answer !== 0n;
  }

  /** How many revocations of a lock the contract counts, as of this block. */
  async revocationCount(lockId: LockId, at: Pick<BlockRef, 'hash'>): Promise<number> {
    const [answer] = await this.#view('getRevokedSignatureCount', [[lockId]], at);
    return Number(answer);
  }

  /** As {@link revocationCount} for many locks at once, in their order. */
  async revocationCounts(lockIds: readonly LockId[], at: Pick<BlockRef, 'hash'>): Promise<readonly number[]> {
    const answers = await this.#view(
      'getRevokedSignatureCount',
      lockIds.map((lockId) => [lockId]),
      at,
    );
    return answers.map(Number);
  }

  /** The newest log of one revocation within a range; null where no endpoint that was asked has any. */
  async findRevocation(identity: RevocationIdentity, range: BlockRange): Promise<RevocationLog | null> {
    const log = await findRevocationLog(identity, range, this.#reading);
    if (log === null) return null;
    return this.#decode([log], await blockTimes([log], [], this.#reading))[0] ?? null;
  }

  #view(
    view: RegistryView,
    argsList: readonly (readonly (bigint | Hash32)[])[],
    { hash }: Pick<BlockRef, 'hash'>,
  ): Promise<readonly bigint[]> {
    const to = this.#reading.contract;
    const paramsList = argsList.map((args) => [{ to, data: encodeView(view, args) }]);
    return readState({ method: 'eth_call', paramsList, at: hash }, (answer) => parseWord(answer, view), this.#reading);
  }

  #decode(raw: readonly StampedLog[], times: BlockTimes): readonly RevocationLog[] {
    return raw.flatMap((log) => {
      const decoded = decodeRevocationLog(log, this.#reading.contract, timeOf(log, times));
      if (decoded.kind === 'revocation') return [decoded.log];
      this.#rejected(decoded.reason);
      return [];
    });
  }
}

function timeOf({ blockHash, blockNumber }: StampedLog, times: BlockTimes): number {
  const time = times.get(blockHash);
  if (time === undefined) throw new Error(`the time of block ${blockNumber} was not read`);
  return time;
}

function parseCode(answer: unknown): string {
  const code = codeAnswer.safeParse(answer);
  if (!code.success) throw new RpcError('malformed', 'eth_getCode', 'the answer is not code');
  return code.data;
}

function parseWord(answer: unknown, view: RegistryView): bigint {
  const word = wordAnswer.safeParse(answer);
  if (!word.success) throw new RpcError('malformed', 'eth_call', `the answer is not what ${view} gives`);
  return word.data;
}
