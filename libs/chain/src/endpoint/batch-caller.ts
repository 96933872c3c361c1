import { BatchLimit } from './batch-limit.js';
import type { HttpAnswer } from './http-client.js';
import { encodeCall, parseMessage, type JsonRpcAnswer, type JsonRpcError } from './json-rpc.js';
import { RpcError, type RpcErrorKind } from './rpc-error.js';
import type { RpcTransport } from './rpc-transport.js';

interface NumberedCall {
  readonly index: number;
  readonly params: readonly unknown[];
}

/** What one request brought. Calls that are not among the results are to be asked again, because of `failure`. */
interface ChunkOutcome {
  readonly results: readonly { readonly index: number; readonly result: unknown }[];
  readonly failure: RpcError | null;
}

interface Received {
  readonly answer: HttpAnswer;
  readonly answers: readonly JsonRpcAnswer[];
}

/** Rounds that bring nothing before a batch is given up. */
const idleRounds = 5;
/** A batch waits so long for an endpoint that wants to be left alone, and keeps what it has. */
const longestWaitMs = 5_000;
/** What many calls at once may be refused with. */
const mendedBySmallerBatch: readonly RpcErrorKind[] = [
  'refused',
  'unsupported',
  'malformed',
  'too-wide',
  'too-dense',
  'too-large',
  'rate-limited',
];

/** Makes many calls of one method in JSON-RPC batches, as large as the endpoint takes them, or one by one. */
export class BatchCaller {
  readonly #transport: RpcTransport;
  readonly #single: (method: string, params: readonly unknown[]) => Promise<unknown>;
  readonly #limit = new BatchLimit();

  constructor(transport: RpcTransport, single: (method: string, params: readonly unknown[]) => Promise<unknown>) {
    this.#transport = transport;
    this.#single = single;
  }

  async run(method: string, paramsList: readonly (readonly unknown[])[]): Promise<readonly unknown[]> {
    const results = new Map<number, unknown>();
    let open: readonly NumberedCall[] = paramsList.map((params, index) => ({ index, params }));
    let idle = 0;
    while (open.length > 0) {
      const outcomes = await Promise.all(chunksOf(open, this.#limit.calls).map((calls) => this.#chunk(method, calls)));
      for (const { index, result } of outcomes.flatMap((outcome) => outcome.results)) results.set(index, result);
      const left = open.filter(({ index }) => !results.has(index));
      idle = left.length < open.length ? 0 : idle + 1;
      open = left;
      const failure = outcomes.map((outcome) => outcome.failure).find((found) => found !== null);
      if (failure !== undefined) await this.#rest(failure, idle);
    }
    return paramsList.map((_, index) => results.get(index));
  }

  async #rest(failure: RpcError, idle: number): Promise<void> {
    const waitMs = failure.kind === 'rate-limited' ? this.#transport.health.waitMs : 0;
    if (idle >= idleRounds || waitMs > longestWaitMs) throw failure;
    await this.#transport.pause(waitMs);
  }

  async #chunk(method: string, calls: readonly NumberedCall[]): Promise<ChunkOutcome> {
    const [first] = calls;
    if (first !== undefined && calls.length === 1)
      return { results: [{ index: first.index, result: await this.#single(method, first.params) }], failure: null };
    const outcome = await this.#exchange(method, calls);
    if (outcome.failure === null) this.#limit.accepted(calls.length);
    else if (outcome.results.length === 0 || outcome.failure.kind === 'rate-limited') this.#shrink(calls.length);
    return outcome;
  }

  async #exchange(method: string, calls: readonly NumberedCall[]): Promise<ChunkOutcome> {
    const numbered = calls.map((call) => ({ ...call, id: this.#transport.nextId() }));
    const body = numbered.map(({ id, params }) => encodeCall(id, method, params));
    const indexes = new Map(numbered.map(({ id, index }) => [id, index]));
    const request = { method, calls: calls.length, body };
    let received: Received;
    try {
      received = await this.#transport.request(request, (answer) => this.#read(method, answer));
    } catch (error) {
      if (error instanceof RpcError && error.kind === 'too-slow') this.#shrink(calls.length);
      if (!(error instanceof RpcError) || !mendedBySmallerBatch.includes(error.kind)) throw error;
      return { results: [], failure: error };
    }
    return this.#outcomeOf(method, indexes, received);
  }

  #read(method: string, answer: HttpAnswer): Received {
    const message = parseMessage(answer.text);
    if (message.kind === 'batch') return { answer, answers: message.answers };
    if (message.kind === 'page') throw this.#transport.refusal(method, answer);
    if (message.kind === 'error') throw this.#transport.refusal(method, answer, message.error);
    throw this.#transport.error('malformed', method, 'the answer to a batch is one to a call');
  }

  /** By id, whatever their order. An id that was not asked for is passed over, one that comes twice is not believed. */
  #outcomeOf(method: string, indexes: ReadonlyMap<unknown, number>, { answer, answers }: Received): ChunkOutcome {
    const results: { readonly index: number; readonly result: unknown }[] = [];
    const byId = Map.groupBy(answers, ({ id }) => id);
    let failure: RpcError | null = null;
    for (const [id, index] of indexes) {
      const item = onlyOne(byId.get(id));
      if (item?.kind === 'result') results.push({ index, result: item.result });
      else if (item?.kind === 'error') failure = this.#itemFailure(method, answer, item.error);
      else failure ??= this.#transport.error('malformed', method, 'answers are missing from the batch');
    }
    if (failure?.kind === 'rate-limited') this.#transport.failed(failure);
    return { results, failure };
  }

  /** Of one call. Whatever is not a rate fails the batch. */
  #itemFailure(method: string, answer: HttpAnswer, said: JsonRpcError): RpcError {
    const error = this.#transport.refusal(method, answer, said);
    if (error.kind !== 'rate-limited') throw error;
    return error;
  }

  #shrink(calls: number): void {
    if (!this.#limit.refused(calls)) return;
    this.#transport.observe({ kind: 'batch-limit', endpoint: this.#transport.label, calls: this.#limit.calls });
  }
}

function onlyOne<T>(items: readonly T[] = []): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, chunk) =>
    items.slice(chunk * size, (chunk + 1) * size),
  );
}
