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
/** More than one revocation and its share of the transaction can use. */
const gasPerRevocation = 150_000;

/** An anvil with so many blocks from the contract's deployment to the head, and the events spread evenly over them. */
export async function buildChain({ blocks, events }: ChainSize): Promise<RevokedChain> {
  const chain = await startChain();
  const registry = await deployLockRegistry(chain.url);
  const { address: contract, blockNumber: startBlock } = registry;
  const locks: bigint[] = [];
  while (locks.length * perLock < events) locks.push(await registry.registerLock());
  await rpcCall(chain.url, 'evm_setAutomine', [false]);
  await mineShares(chain.url, registry, { locks, shares: sharesOf(events, blocks - 1 - locks.length) });
  const head = Number(await rpcCall(chain.url, 'eth_blockNumber'));
  return { url: chain.url, contract, startBlock, head, events, close: () => chain.kill() };
}

/** How many events each of the blocks gets. */
function sharesOf(events: number, blocks: number): readonly number[] {
  const upTo = (block: number): number => Math.floor((block * events) / blocks);
  return Array.from({ length: blocks }, (_, block) => upTo(block + 1) - upTo(block));
}

interface Plan {
  readonly locks: readonly bigint[];
  readonly shares: readonly number[];
}

/** A block with one transaction for every share, and an empty one where it is nothing. */
async function mineShares(url: string, registry: LockRegistry, { locks, shares }: Plan): Promise<void> {
  let revoked = 0;
  let empty = 0;
  for (const share of shares) {
    if (share === 0) {
      empty += 1;
      continue;
    }
    await mine(url, empty);
    const lock = locks[Math.floor(revoked / perLock)] ?? 0n;
    const signatures = Array.from({ length: share }, (_, index) => `revocation ${revoked + index}`);
    const gas = `0x${(share * gasPerRevocation).toString(16)}`;
    await rpcCall(url, 'eth_sendTransaction', [{ ...registry.batchRequest(lock, signatures), gas }]);
    revoked += share;
    empty = 1;
  }
  await mine(url, empty);
}

async function mine(url: string, blocks: number): Promise<void> {
  if (blocks > 0) await rpcCall(url, 'anvil_mine', [`0x${blocks.toString(16)}`]);
}
