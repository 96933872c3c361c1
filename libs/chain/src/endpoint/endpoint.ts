import { BatchCaller } from './batch-caller.js';
import type { EndpointHealth } from './endpoint-health.js';
import type { HttpAnswer } from './http-client.js';
import { encodeCall, parseMessage } from './json-rpc.js';
import type { RpcError } from './rpc-error.js';
import { RpcTransport, type EndpointOptions } from './rpc-transport.js';

/** One JSON-RPC endpoint over HTTP. Its URL is a secret and appears in no error. */
export class Endpoint {
  /** Its place in the configuration, such as `endpoint-1`. */
  readonly label: string;
  readonly health: EndpointHealth;
  readonly #transport: RpcTransport;
  readonly #batches: BatchCaller;

  constructor(url: string, label: string, options: EndpointOptions = {}) {
    this.label = label;
    this.#transport = new RpcTransport(url, label, options);
    this.#batches = new BatchCaller(this.#transport, (method, params) => this.call(method, params));
    this.health = this.#transport.health;
  }

  /** Grows whenever a connection was lost or none was made: whoever answers from then on may be somebody else. */
  get disruptions(): number {
    return this.#transport.disruptions;
  }

  /** Takes note of an answer that was not to be believed. */
  failed(error: RpcError): void {
    this.#transport.failed(error);
  }

  /** The result of the call; rejects with an {@link RpcError}. */
  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = this.#transport.nextId();
    const request = { method, calls: 1, body: encodeCall(id, method, params) };
    return this.#transport.request(request, (answer) => this.#resultOf(method, id, answer));
  }

  /**
   * The results of one method for many parameters, in their order, in as few requests as the endpoint takes. Rejects
   * with an {@link RpcError} when one of the calls fails.
   */
  batch(method: string, paramsList: readonly (readonly unknown[])[]): Promise<readonly unknown[]> {
    return this.#batches.run(method, paramsList);
  }

  #resultOf(method: string, id: number, answer: HttpAnswer): unknown {
    const message = parseMessage(answer.text);
    if (message.kind === 'page') throw this.#transport.refusal(method, answer);
    if (message.kind === 'error') throw this.#transport.refusal(method, answer, message.error);
    if (message.kind === 'batch') throw this.#transport.error('malformed', method, 'the answer is one to a batch');
    if (message.id !== id) throw this.#transport.error('malformed', method, 'the answer belongs to another call');
    if (message.kind === 'result') return message.result;
    throw this.#transport.error('malformed', method, 'the answer has neither a result nor an error');
  }
}
