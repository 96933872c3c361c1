import { z } from 'zod';
import { readCapped } from './capped-body.js';
import { redact } from './redaction.js';
import { RpcError } from './rpc-error.js';

export interface EndpointLimits {
  /** Milliseconds until an answer must be complete. */
  readonly deadlineMs: number;
  /** Bytes of the largest answer that is read. */
  readonly maxAnswerBytes: number;
}

const defaultLimits: EndpointLimits = { deadlineMs: 10_000, maxAnswerBytes: 32 * 1024 * 1024 };

const answerShape = z.object({
  id: z.unknown(),
  result: z.unknown().optional(),
  /** Some endpoints say `null` beside a result. */
  error: z.object({ code: z.number().optional(), message: z.string().optional() }).nullish(),
});

/** One JSON-RPC endpoint over HTTP. Its URL is a secret and appears in no error. */
export class Endpoint {
  /** Its place in the configuration, such as `endpoint-1`. */
  readonly label: string;
  readonly #url: string;
  readonly #limits: EndpointLimits;
  #lastId = 0;

  constructor(url: string, label: string, limits: Partial<EndpointLimits> = {}) {
    this.label = label;
    this.#url = url;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** The result of the call; rejects with an {@link RpcError}. */
  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = (this.#lastId += 1);
    const { status, text } = await this.#post(method, JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const answer = answerShape.safeParse(parse(text));
    if (!answer.success) throw notJsonRpc(method, status);
    const { error, result } = answer.data;
    if (error != null)
      throw new RpcError('refused', method, redact(`${error.code ?? ''} ${error.message ?? ''}`, this.#url));
    if (answer.data.id !== id) throw new RpcError('malformed', method, 'the answer belongs to another call');
    if (result === undefined) throw new RpcError('malformed', method, 'the answer has neither a result nor an error');
    return result;
  }

  /** The results of one method for many parameters, in their order; rejects when one of the calls fails. */
  batch(method: string, paramsList: readonly (readonly unknown[])[]): Promise<readonly unknown[]> {
    return Promise.all(paramsList.map((params) => this.call(method, params)));
  }

  async #post(method: string, body: string): Promise<{ readonly status: number; readonly text: string }> {
    const signal = AbortSignal.timeout(this.#limits.deadlineMs);
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    try {
      const response = await fetch(this.#url, { method: 'POST', headers, body, signal, redirect: 'error' });
      const text = await readCapped(response, this.#limits.maxAnswerBytes);
      if (text === null) throw new RpcError('too-large', method, 'the answer is larger than the cap');
      return { status: response.status, text };
    } catch (error) {
      if (error instanceof RpcError) throw error;
      if (signal.aborted) throw new RpcError('too-slow', method, 'no complete answer within the deadline');
      throw new RpcError('unreachable', method, reasonOf(error));
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notJsonRpc(method: string, status: number): RpcError {
  return status === 200
    ? new RpcError('malformed', method, 'the answer is not JSON-RPC')
    : new RpcError('unreachable', method, `HTTP status ${status}`);
}

const socketFailure = z.object({ cause: z.object({ code: z.string() }) });

/** The code of the socket error; the message of fetch would name the host. */
function reasonOf(error: unknown): string {
  return socketFailure.safeParse(error).data?.cause.code ?? 'the connection failed';
}
