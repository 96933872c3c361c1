import type { BlockRange } from '@hybrid-sync/domain';

/**
 * What a failed call means for the caller.
 * - `unreachable`: no answer; another endpoint or a later try may do.
 * - `too-slow`: no complete answer within the deadline, the endpoint's or ours; a smaller range may do.
 * - `too-wide`: the range has more blocks than the endpoint takes, now and later; `maxBlocks` where it says how many.
 * - `too-dense`: the range holds more than the endpoint gives at once; a smaller range will do.
 * - `too-large`: the answer is larger than our cap; a smaller range will do.
 * - `rate-limited`: too many calls; a later try or another endpoint will do, a smaller range will not.
 * - `unknown-block`: the endpoint does not have the block; never to be read as empty.
 * - `pruned`: the endpoint no longer has what was asked for; only another endpoint may.
 * - `unsupported`: the endpoint does not know the method; only another endpoint may.
 * - `refused`: an error that says nothing we know; a smaller range may do.
 * - `malformed`: the answer is not what was asked for and is not believed.
 */
export type RpcErrorKind =
  | 'unreachable'
  | 'too-slow'
  | 'too-wide'
  | 'too-dense'
  | 'too-large'
  | 'rate-limited'
  | 'unknown-block'
  | 'pruned'
  | 'unsupported'
  | 'refused'
  | 'malformed';

export interface RpcErrorDetails {
  /** Blocks per query that the endpoint will always take. */
  readonly maxBlocks?: number;
  /** A range that the endpoint says it would answer for. It may lie anywhere. */
  readonly hint?: BlockRange;
  /** Milliseconds for which the endpoint wants to be left alone. */
  readonly retryAfterMs?: number;
  /** Which endpoint it was: its place in the configuration, `endpoint-1` first. */
  readonly label?: string;
}

/** A failed JSON-RPC call. The message never holds a URL: those carry keys. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly kind: RpcErrorKind;
  readonly method: string;
  readonly maxBlocks?: number;
  readonly hint?: BlockRange;
  readonly retryAfterMs?: number;
  readonly label?: string;
  readonly #reason: string;
  readonly #details: RpcErrorDetails;

  constructor(kind: RpcErrorKind, method: string, reason: string, details: RpcErrorDetails = {}) {
    super(details.label === undefined ? `${method}: ${reason}` : `${method} at ${details.label}: ${reason}`);
    this.kind = kind;
    this.method = method;
    this.#reason = reason;
    this.#details = details;
    if (details.maxBlocks !== undefined) this.maxBlocks = details.maxBlocks;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.label !== undefined) this.label = details.label;
  }

  /** The same failure, by this endpoint. */
  by(label: string): RpcError {
    return new RpcError(this.kind, this.method, this.#reason, { ...this.#details, label });
  }
}

const mendedByHalves: readonly RpcErrorKind[] = ['too-wide', 'too-dense', 'too-large', 'too-slow', 'refused'];

/** What a smaller range may mend. */
export function mayFitInHalves(error: unknown): error is RpcError {
  return error instanceof RpcError && mendedByHalves.includes(error.kind);
}
