import type { Deployment } from '@hybrid-sync/domain';
import { DeploymentIdentity, type ExpectedDeployment } from '../endpoint/deployment-identity.js';
import type { EndpointPool } from '../endpoint/endpoint-pool.js';
import { pause } from '../endpoint/pause.js';
import { WrongDeploymentError } from '../endpoint/wrong-deployment.js';

/** A node that lags or is confused says once what it does not say again; whoever is configured wrongly waits so long. */
const pausesMs: readonly number[] = [500, 1_500, 4_000];

/**
 * Which deployment the endpoints show, once it is found to be the configured one. From then on each of them is checked
 * before its first use and after every reconnect. Rejects with a {@link WrongDeploymentError} where every endpoint that
 * answers shows another one, again and again over some seconds.
 */
export async function readDeployment(
  { endpoints }: { readonly endpoints: Pick<EndpointPool, 'guard' | 'signal'> },
  expected: ExpectedDeployment,
  pauses = pausesMs,
): Promise<Deployment> {
  for (const pauseMs of pauses) {
    try {
      return await look(endpoints, expected);
    } catch (error) {
      if (!(error instanceof WrongDeploymentError)) throw error;
      await pause(pauseMs, endpoints.signal);
    }
  }
  return look(endpoints, expected);
}

/** Nothing of an earlier look is believed. */
async function look(endpoints: Pick<EndpointPool, 'guard'>, expected: ExpectedDeployment): Promise<Deployment> {
  const identity = new DeploymentIdentity(expected);
  await endpoints.guard(identity);
  if (identity.startBlockHash === null) throw new WrongDeploymentError('no endpoint shows the deployment');
  return { ...expected, startBlockHash: identity.startBlockHash };
}
