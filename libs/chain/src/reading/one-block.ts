import type { Endpoint } from '../endpoint/endpoint.js';
import type { EndpointPool, RunOptions } from '../endpoint/endpoint-pool.js';
import { mayFitInHalves, RpcError } from '../endpoint/rpc-error.js';

/**
 * Runs a task about a single block. What a smaller range would mend is left to the other endpoints here: there is no
 * smaller one, and limits differ.
 */
export function runForBlock<T>(
  pool: EndpointPool,
  task: (endpoint: Endpoint) => Promise<T>,
  options?: RunOptions,
): Promise<T> {
  return pool.run(async (endpoint) => {
    try {
      return await task(endpoint);
    } catch (error) {
      throw refusedForBlock(error, endpoint);
    }
  }, options);
}

/** The failure as one that another endpoint may mend. */
export function refusedForBlock(error: unknown, { label }: Pick<Endpoint, 'label'>): unknown {
  if (!mayFitInHalves(error) || error.kind === 'too-slow') return error;
  return new RpcError('refused', error.method, `a single block is refused: ${error.message}`, { label });
}
