import type {
  BlockRange,
  BlockRef,
  Hash32,
  LockId,
  LogProof,
  RevocationIdentity,
  RevocationLog,
} from '@hybrid-sync/domain';
import { revocationKey } from '@hybrid-sync/domain';
import { RpcError, type BlockLogs, type ChainBlock, type RangeLogs } from '@hybrid-sync/chain';
import { hashOf, lockIdOf, revocationLog } from '../../../domain/src/testing/arbitraries.js';

interface SimulatedBlock extends ChainBlock {
  readonly logs: readonly RevocationLog[];
}

/** Which requests were made; a test may answer for one of them first, by moving the chain or by throwing. */
export type Request =
  | 'block'
  | 'blockByHash'
  | 'hasContract'
  | 'logsOfBlock'
  | 'logsOfRange'
  | 'isRevoked'
  | 'revocationCount'
  | 'findRevocation';

/** The signature that is number `index` of all. */
export function revocation(index: number): RevocationIdentity {
  return { lockId: lockIdOf(1 + (index % 3)), signatureHash: hashOf(0x5160000 + index) };
}

/** A chain in memory that mines, forks and is cut, and answers as an endpoint does. Orphaned blocks stay known by hash. */
export class SimulatedChain {
  readonly #known = new Map<Hash32, SimulatedBlock>();
  readonly #finalizedDepth: number;
  readonly requests: Request[] = [];
  #blocks: SimulatedBlock[] = [];
  #minted = 0;
  /** Every range that was asked for, and how it was to be proven. */
  readonly ranges: (BlockRange & { readonly prove: LogProof })[] = [];
  /** What an endpoint makes of the logs of a range, where they are not proven by receipts. */
  distort: (logs: readonly RevocationLog[], range: BlockRange) => readonly RevocationLog[] = (logs) => logs;
  /** Called before each request is answered. */
  before: (request: Request) => void = () => undefined;

  constructor(finalizedDepth = 64) {
    this.#finalizedDepth = finalizedDepth;
    this.mine();
  }

  get head(): ChainBlock {
    return this.at(this.#blocks.length - 1);
  }

  get finalized(): ChainBlock {
    return this.at(Math.max(0, this.#blocks.length - 1 - this.#finalizedDepth));
  }

  at(number: number): SimulatedBlock {
    const block = this.#blocks[number];
    if (block === undefined) throw new RpcError('unknown-block', 'eth_getBlockByNumber', `there is no block ${number}`);
    return block;
  }

  /** One block with these revocations. */
  mine(revocations: readonly RevocationIdentity[] = []): void {
    const parent = this.#blocks.at(-1);
    const number = this.#blocks.length;
    const hash = hashOf((BigInt((this.#minted += 1)) << 64n) + BigInt(number));
    const position = { blockNumber: number, blockHash: hash, blockTimestamp: 1_700_000_000 + number * 12 };
    const logs = revocations.map((identity, logIndex) => revocationLog({ ...identity, ...position, logIndex }));
    const parentHash = parent?.hash ?? hashOf(0);
    const unproven = { logsBloom: '0x', receiptsRoot: hashOf(0) };
    const block = { number, hash, parentHash, timestamp: position.blockTimestamp, ...unproven, logs };
    this.#known.set(hash, block);
    this.#blocks.push(block);
  }

  mineBlocks(count: number): void {
    for (let mined = 0; mined < count; mined += 1) this.mine();
  }

  /** Takes the newest blocks off; gives their revocations, oldest first. */
  cut(depth: number): readonly RevocationLog[] {
    return this.#blocks.splice(this.#blocks.length - depth).flatMap(({ logs }) => logs);
  }

  /** Every canonical log from a block on. */
  logsFrom(fromBlock: number): readonly RevocationLog[] {
    return this.#blocks.slice(fromBlock).flatMap(({ logs }) => logs);
  }

  async block(tag: 'latest' | 'finalized' | number): Promise<ChainBlock> {
    await this.#asked('block');
    if (typeof tag === 'number') return this.at(tag);
    return tag === 'latest' ? this.head : this.finalized;
  }

  async blockByHash(hash: Hash32): Promise<ChainBlock> {
    await this.#asked('blockByHash');
    const block = this.#known.get(hash);
    if (block === undefined) throw new RpcError('unknown-block', 'eth_getBlockByHash', 'there is no such block');
    return block;
  }

  /** The contract has been there from the first block on. */
  async hasContract(at: Pick<BlockRef, 'hash'> = this.head): Promise<boolean> {
    await this.#asked('hasContract');
    return this.#known.has(at.hash);
  }

  async logsOfBlock({ hash }: ChainBlock): Promise<BlockLogs> {
    await this.#asked('logsOfBlock');
    return { logs: this.#known.get(hash)?.logs ?? [], proof: 'receipts' };
  }

  async logsOfRange(range: BlockRange, prove: LogProof = 'bloom'): Promise<RangeLogs> {
    await this.#asked('logsOfRange');
    this.ranges.push({ ...range, prove });
    const { fromBlock, toBlock } = range;
    const last = this.at(toBlock);
    const logs = this.#blocks.slice(fromBlock, toBlock + 1).flatMap((block) => block.logs);
    return { last, logs: prove === 'receipts' ? logs : this.distort(logs, range), proof: prove };
  }

  async isRevoked(identity: RevocationIdentity, at: Pick<BlockRef, 'hash'>): Promise<boolean> {
    await this.#asked('isRevoked');
    return this.#logsUpTo(at).some((log) => revocationKey(log) === revocationKey(identity));
  }

  async revocationCount(lockId: LockId, at: Pick<BlockRef, 'hash'>): Promise<number> {
    await this.#asked('revocationCount');
    return this.#logsUpTo(at).filter((log) => log.lockId === lockId).length;
  }

  async revocationCounts(lockIds: readonly LockId[], at: Pick<BlockRef, 'hash'>): Promise<readonly number[]> {
    await this.#asked('revocationCount');
    const logs = this.#logsUpTo(at);
    return lockIds.map((lockId) => logs.filter((log) => log.lockId === lockId).length);
  }

  async findRevocation(
    identity: RevocationIdentity,
    { fromBlock, toBlock }: BlockRange,
  ): Promise<RevocationLog | null> {
    await this.#asked('findRevocation');
    const logs = this.#blocks.slice(fromBlock, toBlock + 1).flatMap((block) => block.logs);
    return logs.find((log) => revocationKey(log) === revocationKey(identity)) ?? null;
  }

  /** Of a block and its ancestors, canonical or not. */
  #logsUpTo({ hash }: Pick<BlockRef, 'hash'>): readonly RevocationLog[] {
    const logs: RevocationLog[] = [];
    for (let block = this.#known.get(hash); block !== undefined; block = this.#known.get(block.parentHash)) {
      logs.push(...block.logs);
    }
    return logs;
  }

  async #asked(request: Request): Promise<void> {
    await Promise.resolve();
    this.requests.push(request);
    this.before(request);
  }
}
