import { Endpoint, type EndpointLimits } from './endpoint.js';
import { mayFitInHalves, RpcError, type RpcErrorKind } from './rpc-error.js';
import type { ObserveRpc } from './rpc-events.js';

export interface EndpointPoolOptions {
  readonly limits?: Partial<EndpointLimits>;
  readonly observe?: ObserveRpc;
}

export interface RunOptions {
  /** Labels of endpoints that are not asked unless no other one answers. */
  readonly except?: readonly string[];
}

/** Several endpoints of one chain. The one that answered last is asked first. */
export class EndpointPool {
  /** Says what happens at the endpoints. */
  readonly observe: ObserveRpc;
  readonly #endpoints: readonly Endpoint[];
  #preferred = 0;

  constructor(urls: readonly string[], { limits, observe }: EndpointPoolOptions = {}) {
    this.observe = observe ?? ((): void => undefined);
    this.#endpoints = urls.map((url, index) => new Endpoint(url, `endpoint-${index + 1}`, limits));
  }

  /** How many endpoints there are, in use or not. */
  get size(): number {
    return this.#endpoints.length;
  }

  /**
   * Runs the task on one endpoint after the other until one succeeds, so that all its calls see the same node.
   * An answer that the range must shrink for is given back at once: every endpoint would say the like.
   */
  async run<T>(task: (endpoint: Endpoint) => Promise<T>, { except = [] }: RunOptions = {}): Promise<T> {
    let failure: unknown = new Error('no endpoint is configured');
    for (const endpoint of this.#inOrder(except)) {
      try {
        const result = await task(endpoint);
        if (!except.includes(endpoint.label)) this.#preferred = this.#endpoints.indexOf(endpoint);
        return result;
      } catch (thrown) {
        const error = labelled(thrown, endpoint);
        if (error instanceof RpcError && sameEverywhere.includes(error.kind)) throw error;
        // That another endpoint is down must not hide a refusal that a smaller range would mend.
        if (!mayFitInHalves(failure)) failure = error;
      }
    }
    throw failure;
  }

  #inOrder(except: readonly string[]): readonly Endpoint[] {
    const order = [...this.#endpoints.slice(this.#preferred), ...this.#endpoints.slice(0, this.#preferred)];
    const excepted = (endpoint: Endpoint): boolean => except.includes(endpoint.label);
    return [...order.filter((endpoint) => !excepted(endpoint)), ...order.filter(excepted)];
  }
}

/** What every endpoint would say the like of; a smaller range is the answer. */
const sameEverywhere: readonly RpcErrorKind[] = ['too-wide', 'too-dense', 'too-large'];

function labelled(error: unknown, { label }: Endpoint): unknown {
  return error instanceof RpcError && error.label === undefined ? error.by(label) : error;
}
