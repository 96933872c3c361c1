import { deployLockRegistry, rpcCall, startChain, type LockRegistry } from '@hybrid-sync/devstack';

/** Where an ingester finds revocations to read. */
export interface ChainSource {
  readonly url: string;
  readonly contract: string;
  readonly startBlock: number;
}

/** A chain on which nothing happens any more. */
export interface RevokedChain extends ChainSource {
  readonly head: number;
  readonly events: number;
  close(): Promise<void>;
}

export interface ChainSize {
  readonly blocks: number;
  readonly events: number;
}

/** The contract refuses the 1,001st of a lock. */
const perLock = 900;
const accounts = 8;

/** An anvil with so many blocks from the contract's deployment to the head, and the events spread evenly over them. */
export async function buildChain({ blocks, events }: ChainSize): Promise<RevokedChain> {
  const chain = await startChain();
  const registry = await deployLockRegistry(chain.url);
  const { address: contract, blockNumber: startBlock } = registry;
  const mine = async (count: number): Promise<void> => {
    if (count > 0) await rpcCall(chain.url, 'anvil_mine', [`0x${count.toString(16)}`]);
  };
  const shares = sharesOf(events, blocks - accounts * (Math.ceil(events / accounts / perLock) + 1));
  const workers = Array.from({ length: accounts }, (_, account) =>
    revokeShares(registry.as(account), shares, { account, mine }),
  );
  await Promise.all(workers);
  await mine(startBlock + blocks - 1 - Number(await rpcCall(chain.url, 'eth_blockNumber')));
  const head = Number(await rpcCall(chain.url, 'eth_blockNumber'));
  return { url: chain.url, contract, startBlock, head, events, close: () => chain.kill() };
}

/** How many events each of the blocks gets. */
function sharesOf(events: number, blocks: number): readonly number[] {
  const upTo = (block: number): number => Math.floor((block * events) / blocks);
  return Array.from({ length: blocks }, (_, block) => upTo(block + 1) - upTo(block));
}

interface Worker {
  readonly account: number;
  readonly mine: (blocks: number) => Promise<void>;
}

/** One account's part: each account has a nonce of its own, so that they need not wait for each other. */
async function revokeShares(registry: LockRegistry, shares: readonly number[], worker: Worker): Promise<void> {
  const size = Math.ceil(shares.length / accounts);
  let lock = await registry.registerLock();
  let revoked = 0;
  let empty = 0;
  for (const [index, count] of shares.slice(worker.account * size, (worker.account + 1) * size).entries()) {
    if (count === 0) {
      empty += 1;
      continue;
    }
    await worker.mine(empty);
    empty = 0;
    if (revoked + count > perLock) {
      lock = await registry.registerLock();
      revoked = 0;
    }
    await registry.revokeBatch(
      lock,
      Array.from({ length: count }, (_, number) => `${worker.account}, ${index}, ${number}`),
    );
    revoked += count;
  }
  await worker.mine(empty);
}
