import type { Deployment } from '@hybrid-sync/domain';
import type { ChainReader } from './chain-reader.js';
import type { ExpectedDeployment } from './deployment-identity.js';
import { WrongDeploymentError } from './wrong-deployment.js';

/** Which deployment the endpoints show, once it is found to be the configured one. */
export async function readDeployment(chain: ChainReader, expected: ExpectedDeployment): Promise<Deployment> {
  const { chainId, contract, startBlock } = expected;
  const actual = await chain.chainId();
  if (actual !== chainId) throw new WrongDeploymentError(`the endpoint is on chain ${actual} and not ${chainId}`);
  if (!(await chain.hasContract())) throw new WrongDeploymentError(`there is no contract at ${contract}`);
  const start = await chain.block(startBlock);
  return { chainId, contract, startBlock, startBlockHash: start.hash };
}
