import type { Address, Deployment } from '@hybrid-sync/domain';
import type { ChainReader } from './chain-reader.js';

export interface ExpectedDeployment {
  readonly chainId: number;
  readonly contract: Address;
  readonly startBlock: number;
}

/** The endpoint or the contract is not the configured one: nothing may be written. */
export class WrongDeploymentError extends Error {
  override readonly name = 'WrongDeploymentError';
}

/** Which deployment the endpoints show, once it is found to be the configured one. */
export async function readDeployment(chain: ChainReader, expected: ExpectedDeployment): Promise<Deployment> {
  const { chainId, contract, startBlock } = expected;
  const actual = await chain.chainId();
  if (actual !== chainId) throw new WrongDeploymentError(`the endpoint is on chain ${actual} and not ${chainId}`);
  if (!(await chain.hasContract())) throw new WrongDeploymentError(`there is no contract at ${contract}`);
  const start = await chain.block(startBlock);
  return { chainId, contract, startBlock, startBlockHash: start.hash };
}
