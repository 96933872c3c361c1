import type { Deployment } from '@hybrid-sync/domain';
import { DeploymentIdentity, type ExpectedDeployment } from './deployment-identity.js';
import type { EndpointPool } from './endpoint-pool.js';
import { WrongDeploymentError } from './wrong-deployment.js';

/**
 * Which deployment the endpoints show, once it is found to be the configured one. From then on each of them is checked
 * before its first use and after every reconnect. Rejects with a {@link WrongDeploymentError} where every endpoint that
 * answers shows another one.
 */
export async function readDeployment(
  { endpoints }: { readonly endpoints: EndpointPool },
  expected: ExpectedDeployment,
): Promise<Deployment> {
  const identity = new DeploymentIdentity(expected);
  await endpoints.guard(identity);
  if (identity.startBlockHash === null) throw new WrongDeploymentError('no endpoint shows the deployment');
  return { ...expected, startBlockHash: identity.startBlockHash };
}
