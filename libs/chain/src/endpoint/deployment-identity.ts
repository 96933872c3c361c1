import { hash32, type Address, type Hash32 } from '@hybrid-sync/domain';
import { z } from 'zod';
import type { Endpoint } from './endpoint.js';
import { RpcError } from './rpc-error.js';
import { codeAnswer, encodeQuantity, quantity } from '../reading/wire.js';

export interface ExpectedDeployment {
  readonly chainId: number;
  readonly contract: Address;
  readonly startBlock: number;
}

/** What an endpoint shows of the deployment. */
export interface ShownDeployment {
  readonly chainId: number;
  readonly hasContract: boolean;
  /** Null where the endpoint does not have the start block. */
  readonly startBlockHash: Hash32 | null;
}

/** What every endpoint must show. The start block's hash is that of the first one judged. */
export class DeploymentIdentity {
  readonly #expected: ExpectedDeployment;
  #startBlockHash: Hash32 | null = null;

  constructor(expected: ExpectedDeployment) {
    this.#expected = expected;
  }

  get startBlockHash(): Hash32 | null {
    return this.#startBlockHash;
  }

  async read(endpoint: Endpoint): Promise<ShownDeployment> {
    const [chainId, hasContract, startBlockHash] = await Promise.all([
      chainIdOf(endpoint),
      hasCode(endpoint, this.#expected.contract),
      hashOfBlock(endpoint, this.#expected.startBlock),
    ]);
    return { chainId, hasContract, startBlockHash };
  }

  /** Why this is another deployment; null where it is the right one. Throws where that cannot be told yet. */
  judge({ chainId, hasContract, startBlockHash }: ShownDeployment): string | null {
    const { startBlock, contract, chainId: expectedChainId } = this.#expected;
    if (chainId !== expectedChainId) return `the endpoint is on chain ${chainId} and not ${expectedChainId}`;
    if (startBlockHash === null) {
      if (this.#startBlockHash !== null) return `the endpoint does not have the start block ${startBlock}`;
      throw new RpcError('unknown-block', 'eth_getBlockByNumber', `the endpoint does not have block ${startBlock} yet`);
    }
    if (!hasContract) return `there is no contract at ${contract}`;
    this.#startBlockHash ??= startBlockHash;
    return startBlockHash === this.#startBlockHash ? null : `the endpoint shows another start block ${startBlock}`;
  }
}

async function chainIdOf(endpoint: Endpoint): Promise<number> {
  const answer = quantity.safeParse(await endpoint.call('eth_chainId', []));
  if (!answer.success) throw new RpcError('malformed', 'eth_chainId', 'the answer is not a number');
  return answer.data;
}

async function hasCode(endpoint: Endpoint, contract: Address): Promise<boolean> {
  const answer = codeAnswer.safeParse(await endpoint.call('eth_getCode', [contract, 'latest']));
  if (!answer.success) throw new RpcError('malformed', 'eth_getCode', 'the answer is not code');
  return answer.data !== '0x';
}

const startAnswer = z.object({ number: quantity, hash: hash32 }).nullable();

async function hashOfBlock(endpoint: Endpoint, block: number): Promise<Hash32 | null> {
  const method = 'eth_getBlockByNumber';
  try {
    const answer = startAnswer.safeParse(await endpoint.call(method, [encodeQuantity(block), false]));
    if (answer.success && (answer.data === null || answer.data.number === block)) return answer.data?.hash ?? null;
  } catch (error) {
    if (error instanceof RpcError && error.kind === 'unknown-block') return null;
    throw error;
  }
  throw new RpcError('malformed', method, 'the answer is not the block');
}
