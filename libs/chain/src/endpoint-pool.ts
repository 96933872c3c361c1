import { mayFitInHalves, RpcError } from './rpc-error.js';
import { Endpoint } from './endpoint.js';

/** Several endpoints of one chain. The one that answered last is asked first. */
export class EndpointPool {
  readonly #endpoints: readonly Endpoint[];
  #preferred = 0;

  constructor(urls: readonly string[]) {
    this.#endpoints = urls.map((url) => new Endpoint(url));
  }

  /**
   * Runs the task on one endpoint after the other until one succeeds, so that all its calls see the same node.
   * An answer that the range must shrink for is given back at once: every endpoint would say the like.
   */
  async run<T>(task: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    const first = this.#preferred;
    let failure: unknown = new Error('no endpoint is configured');
    for (let turn = 0; turn < this.#endpoints.length; turn += 1) {
      const index = (first + turn) % this.#endpoints.length;
      const endpoint = this.#endpoints[index];
      if (endpoint === undefined) continue;
      try {
        const result = await task(endpoint);
        this.#preferred = index;
        return result;
      } catch (error) {
        if (error instanceof RpcError && error.kind === 'too-large') throw error;
        // That another endpoint is down must not hide a refusal that a smaller range would mend.
        if (!mayFitInHalves(failure)) failure = error;
      }
    }
    throw failure;
  }
}
