import {
  deployLockRegistry,
  rpcCall,
  startChain,
  type Chain,
  type LockRegistry,
  type TransactionRequest,
} from '@hybrid-sync/devstack';
import { z } from 'zod';
import { locksPerSchedule, type Fate, type Reorg, type Revoking } from './schedule.js';

const slotsInAnEpoch = 20;
const lockTotal = 12 * locksPerSchedule;
/** Deeper than any reorg of a schedule. */
const deepest = 30;

const minedTransactions = z.array(z.object({ from: z.string(), to: z.string(), input: z.string(), gas: z.string() }));
const blockAnswer = z.object({ hash: z.string(), transactions: z.unknown() });

type Sent = TransactionRequest & { readonly gas: string };

/** So many blocks above the first one of a branch. */
interface Placed {
  readonly at: number;
  readonly request: Sent;
}

/** A chain with the demo contract that mines when told to, and forks without touching what it has called final. */
export class ScheduledChain {
  readonly #chain: Chain;
  readonly registry: LockRegistry;
  readonly #locks: readonly bigint[];
  #firstLock = 0;
  #signatures = 0;
  #highest = 0;

  private constructor(chain: Chain, registry: LockRegistry, locks: readonly bigint[]) {
    this.#chain = chain;
    this.registry = registry;
    this.#locks = locks;
  }

  static async start(): Promise<ScheduledChain> {
    const chain = await startChain({ slotsInAnEpoch, pastStates: 5_000 });
    const registry = await deployLockRegistry(chain.url);
    await rpcCall(chain.url, 'evm_setBlockGasLimit', [quantity(200_000_000)]);
    const locks: bigint[] = [];
    for (let lock = 0; lock < lockTotal; lock++) locks.push(await registry.registerLock());
    await rpcCall(chain.url, 'evm_setAutomine', [false]);
    const scheduled = new ScheduledChain(chain, registry, locks);
    await scheduled.mine(deepest);
    return scheduled;
  }

  get url(): string {
    return this.#chain.url;
  }

  /** How many schedules have locks of their own left. */
  get schedulesLeft(): number {
    return (this.#locks.length - this.#firstLock) / locksPerSchedule;
  }

  /** The locks of the schedule so far are not used any more. */
  nextLocks(): void {
    this.#firstLock += locksPerSchedule;
  }

  async head(): Promise<number> {
    return Number(await this.#rpc('eth_blockNumber'));
  }

  async headHash(): Promise<string> {
    return blockAnswer.parse(await this.#rpc('eth_getBlockByNumber', 'latest', false)).hash;
  }

  /** Of every block, by number. */
  async hashes(): Promise<ReadonlyMap<number, string>> {
    const numbers = Array.from({ length: (await this.head()) + 1 }, (_, number) => number);
    const hashOf = async (number: number): Promise<readonly [number, string]> => [
      number,
      blockAnswer.parse(await this.#rpc('eth_getBlockByNumber', quantity(number), false)).hash,
    ];
    return new Map(await Promise.all(numbers.map(hashOf)));
  }

  async mine(blocks: number): Promise<void> {
    if (blocks > 0) await this.#rpc('anvil_mine', quantity(blocks));
    this.#highest = Math.max(this.#highest, await this.head());
  }

  /** One block with these transactions. */
  async mineBlockOf(transactions: readonly Revoking[]): Promise<void> {
    await this.#mineSent(transactions.map((revoking) => this.#requestOf(revoking)));
  }

  /** Gives the depth: never below what was final once. */
  async reorg(wanted: Reorg, whileRewound: () => Promise<void>): Promise<number> {
    const head = await this.head();
    const depth = Math.min(wanted.depth, head - (this.#highest - 2 * slotsInAnEpoch));
    if (depth < 1) return 0;
    const length = wanted.how === 'at-once' ? depth : Math.max(1, depth + wanted.longer);
    const branch = [
      ...wanted.fresh.map((revoking) => ({ at: 0, request: this.#requestOf(revoking) })),
      ...(await this.#orphanedBy(head - depth + 1, head, wanted.fates)).map(within(length)),
    ];
    if (wanted.how === 'at-once') await this.#replace(depth, branch, Math.max(0, wanted.longer));
    else await this.#rewind(depth, { branch, length, whileRewound });
    return depth;
  }

  async close(): Promise<void> {
    await this.#chain.kill();
  }

  async #replace(depth: number, branch: readonly Placed[], longer: number): Promise<void> {
    const placed = branch.map(({ at, request }) => [request, at]);
    await this.#rpc('anvil_reorg', depth, placed);
    await this.mine(longer);
  }

  async #rewind(
    depth: number,
    { branch, length, whileRewound }: { branch: readonly Placed[]; length: number; whileRewound: () => Promise<void> },
  ): Promise<void> {
    await this.#rpc('anvil_rollback', depth);
    await whileRewound();
    for (let block = 0; block < length; block++) {
      await this.#mineSent(branch.filter(({ at }) => at === block).map(({ request }) => request));
    }
  }

  async #mineSent(requests: readonly Sent[]): Promise<void> {
    for (const request of requests) await this.#rpc('eth_sendTransaction', request);
    await this.mine(1);
  }

  /** The transactions of these blocks that the other branch has too, by where it has them. */
  async #orphanedBy(fromBlock: number, toBlock: number, fates: readonly Fate[]): Promise<readonly Placed[]> {
    const placed: Placed[] = [];
    let turn = 0;
    for (let number = fromBlock; number <= toBlock; number++) {
      for (const request of await this.#transactionsOf(number)) {
        const fate = fates[turn++ % fates.length] ?? 'dropped';
        if (fate !== 'dropped') placed.push({ at: number - fromBlock + fate, request });
      }
    }
    return placed;
  }

  async #transactionsOf(number: number): Promise<readonly Sent[]> {
    const { transactions } = blockAnswer.parse(await this.#rpc('eth_getBlockByNumber', quantity(number), true));
    return minedTransactions.parse(transactions).map(({ from, to, input, gas }) => ({ from, to, data: input, gas }));
  }

  #requestOf({ lock, signatures }: Revoking): Sent {
    const lockId = this.#locks[this.#firstLock + lock] ?? 0n;
    const texts = Array.from({ length: signatures }, () => `signature ${(this.#signatures += 1)}`);
    return { ...this.registry.batchRequest(lockId, texts), gas: quantity(100_000 + 40_000 * signatures) };
  }

  #rpc(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return rpcCall(this.#chain.url, method, params);
  }
}

function within(length: number): (placed: Placed) => Placed {
  return ({ at, request }) => ({ at: Math.min(Math.max(at, 0), length - 1), request });
}

function quantity(value: number): string {
  return `0x${value.toString(16)}`;
}
