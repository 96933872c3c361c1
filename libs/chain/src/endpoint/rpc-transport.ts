import { Budget } from './budget.js';
import { EndpointHealth } from './endpoint-health.js';
import { HttpClient, HttpFailure, type HttpAnswer } from './http-client.js';
import type { JsonRpcError } from './json-rpc.js';
import { pause } from './pause.js';
import { redact } from './redaction.js';
import { classifyRefusal } from './refusal.js';
import { RpcError, type RpcErrorDetails, type RpcErrorKind } from './rpc-error.js';
import type { ObserveRpc } from './rpc-events.js';

export interface EndpointLimits {
  /** Milliseconds until an answer must be complete. */
  readonly deadlineMs: number;
  /** Bytes of the largest answer that is read. */
  readonly maxAnswerBytes: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Calls per second, each of a batch counted; 0 for no limit. */
  readonly callsPerSecond: number;
}

export interface EndpointOptions {
  readonly limits?: Partial<EndpointLimits> | undefined;
  readonly observe?: ObserveRpc | undefined;
  /** Milliseconds; only differences count. */
  readonly clock?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
  /** Ends every call. */
  readonly signal?: AbortSignal | undefined;
}

const defaultLimits: EndpointLimits = {
  deadlineMs: 10_000,
  maxAnswerBytes: 32 * 1024 * 1024,
  concurrency: 8,
  callsPerSecond: 0,
};

/** A connection that breaks off, or half an answer, is no reason to ask elsewhere at once. */
const tries = 3;
const retryPauseMs = 50;

/** So many calls of one method in one request. */
export interface RpcRequest {
  readonly method: string;
  readonly calls: number;
  readonly body: object;
}

/** Requests to one URL within its budget, and what becomes of them. Redacts: nothing that leaves holds the URL. */
export class RpcTransport {
  readonly label: string;
  readonly health: EndpointHealth;
  readonly observe: ObserveRpc;
  readonly #url: string;
  readonly #limits: EndpointLimits;
  readonly #client: HttpClient;
  readonly #budget: Budget;
  readonly #clock: () => number;
  readonly #random: () => number;
  readonly #signal: AbortSignal | undefined;
  #unanswered = 0;
  #lastId = 0;

  constructor(url: string, label: string, options: EndpointOptions) {
    const { limits, observe, clock = () => performance.now(), random = Math.random, signal } = options;
    this.label = label;
    this.health = new EndpointHealth({ clock, random });
    this.observe = observe ?? ((): void => undefined);
    this.#url = url;
    this.#limits = { ...defaultLimits, ...limits };
    this.#client = new HttpClient(url, this.#limits.concurrency);
    this.#budget = new Budget({ ...this.#limits, clock, pause: (wait) => this.pause(wait) });
    this.#clock = clock;
    this.#random = random;
    this.#signal = signal;
  }

  /** Grows whenever a connection was lost or none was made: whoever answers from then on may be somebody else. */
  get disruptions(): number {
    return this.#unanswered + this.#client.lostConnections;
  }

  /** For a call: no two of an endpoint have the same. */
  nextId(): number {
    return (this.#lastId += 1);
  }

  /** What `read` makes of the answer. It throws an {@link RpcError} for what it does not believe. */
  async request<T>(request: RpcRequest, read: (answer: HttpAnswer) => T): Promise<T> {
    let leftMs = this.#limits.deadlineMs;
    for (let turn = 1; ; turn += 1) {
      const attempt = await this.#budget.spend(request.calls, () => this.#attempt(request, read, leftMs));
      if (attempt.kind === 'done') return attempt.value;
      leftMs -= attempt.spentMs;
      if (!attempt.passing || turn === tries || leftMs <= 0) {
        this.failed(attempt.error, attempt.startedAt);
        throw attempt.error;
      }
      this.observe({ kind: 'retried', endpoint: this.label, method: request.method });
      await this.pause(retryPauseMs * turn * (0.5 + this.#random()));
    }
  }

  /** Takes note of a failure that was found in an answer. */
  failed({ kind, retryAfterMs }: RpcError, startedAt: number = this.#clock()): void {
    const { up } = this.health;
    this.health.failed(kind, startedAt, retryAfterMs);
    if (up && !this.health.up) this.observe({ kind: 'down', endpoint: this.label });
  }

  pause(milliseconds: number): Promise<void> {
    return pause(milliseconds, this.#signal);
  }

  /** What an error, or an answer that is not JSON-RPC, means. */
  refusal(method: string, answer: HttpAnswer, error?: JsonRpcError): RpcError {
    const { kind, ...details } = classifyRefusal({
      method,
      status: answer.status,
      retryAfter: answer.retryAfter,
      now: Date.now(),
      ...(error === undefined ? { body: answer.text } : { error }),
    });
    const said = error === undefined ? pageText(answer) : [error.code, error.message, error.data].join(' ');
    return this.error(kind, method, said, details);
  }

  error(kind: RpcErrorKind, method: string, text: string, details: RpcErrorDetails = {}): RpcError {
    return new RpcError(kind, method, redact(text, this.#url), { ...details, label: this.label });
  }

  async #attempt<T>(
    { method, body }: RpcRequest,
    read: (answer: HttpAnswer) => T,
    leftMs: number,
  ): Promise<Attempt<T>> {
    const { maxAnswerBytes: maxBytes } = this.#limits;
    const startedAt = this.#clock();
    const spent = (): number => this.#clock() - startedAt;
    const about = { endpoint: this.label, method };
    try {
      const limits = { deadlineMs: Math.ceil(leftMs), maxBytes, signal: this.#signal };
      const value = read(await this.#client.post(JSON.stringify(body), limits));
      this.#answered(startedAt);
      this.observe({ kind: 'answered', ...about, seconds: spent() / 1_000 });
      return { kind: 'done', value };
    } catch (thrown) {
      const error = thrown instanceof HttpFailure ? this.error(thrown.kind, method, thrown.message) : thrown;
      if (!(error instanceof RpcError)) throw error;
      if (error.kind === 'unreachable' || error.kind === 'too-slow') this.#unanswered += 1;
      this.observe({ kind: 'failed', ...about, seconds: spent() / 1_000, error: error.kind });
      const passing = error.kind === 'malformed' || (thrown instanceof HttpFailure && thrown.cut);
      return { kind: 'failed', error, passing, startedAt, spentMs: spent() };
    }
  }

  #answered(startedAt: number): void {
    const { up } = this.health;
    this.health.answered(startedAt);
    if (!up && this.health.up) this.observe({ kind: 'up', endpoint: this.label });
  }
}

type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | {
      readonly kind: 'failed';
      readonly error: RpcError;
      /** The same request may well succeed at once. */
      readonly passing: boolean;
      readonly startedAt: number;
      readonly spentMs: number;
    };

function pageText({ status }: HttpAnswer): string {
  return status === 200 ? 'the answer is not JSON-RPC' : `HTTP status ${status}`;
}
