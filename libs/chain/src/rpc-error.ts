/**
 * What a failed call means for the caller.
 * - `unreachable`: no answer; another endpoint or a later try may do.
 * - `too-slow`: no complete answer within the deadline; a smaller range may do.
 * - `refused`: the endpoint answered with an error; a smaller range may do.
 * - `too-large`: the answer is larger than the cap; a smaller range will do.
 * - `malformed`: the answer is not what was asked for and is not believed.
 * - `unknown-block`: the endpoint does not have the block; never to be read as empty.
 */
export type RpcErrorKind = 'unreachable' | 'too-slow' | 'refused' | 'too-large' | 'malformed' | 'unknown-block';

/** A failed JSON-RPC call. The message never holds a URL: those carry keys. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly kind: RpcErrorKind;
  readonly method: string;

  constructor(kind: RpcErrorKind, method: string, message: string, options?: ErrorOptions) {
    super(`${method}: ${message}`, options);
    this.kind = kind;
    this.method = method;
  }
}

/** What a smaller range may mend. */
export function mayFitInHalves(error: unknown): boolean {
  return error instanceof RpcError && ['refused', 'too-large', 'too-slow'].includes(error.kind);
}
