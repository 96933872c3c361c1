/** A call on its way through the proxy. */
export interface ProxiedCall {
  readonly method: string;
  readonly params: readonly unknown[];
  /** Path and query that it came on: what a provider would quote in an error, key included. */
  readonly path: string;
  readonly via: 'http' | 'ws';
}

/** Calls the node behind the proxy; gives the result, or `{ error }` as the node said it. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** Gives what is answered in place of the node's result. An error is `{ error }`, both ways. */
export type Tampering = (call: ProxiedCall, result: unknown, ask: Ask) => unknown;

/** What goes wrong between a caller and the node. All that are given apply at once. */
export interface Faults {
  /** Calls that are affected; default all. What happens to a whole body happens when one of its calls is affected. */
  readonly only?: (call: ProxiedCall) => boolean;
  readonly latencyMs?: number;
  /** Accepts and never answers. */
  readonly hang?: boolean;
  /** A TCP reset in the middle of an answer, or of every n-th. */
  readonly reset?: Chance;
  /** Nothing listens on the port any more, and open connections are gone. */
  readonly refuseConnections?: boolean;
  /** Answers this HTTP status instead of asking the node. */
  readonly status?: number;
  /** The header of that name: seconds or a date. */
  readonly retryAfter?: string;
  /** Instead of the node's answer; the default of a status is empty. */
  readonly body?: string | ((path: string) => string);
  /** Half of the body, as if it were all. */
  readonly truncateBody?: boolean;
  readonly bytesPerSecond?: number;
  /** So many bytes of white space after the body. */
  readonly padBytes?: number;
  /** The same, compressed to a thousandth. */
  readonly gzipBomb?: number;
  /** Answers carry the id of a call that was not made. */
  readonly wrongId?: boolean;
  /** Answers of a batch come in another order. */
  readonly shuffleBatch?: { readonly seed: number };
  /** Every n-th answer of a batch is missing. */
  readonly dropFromBatch?: number;
  readonly answer?: Tampering | readonly Tampering[];
  /** Notices of subscriptions are swallowed; the socket stays open and answers calls. */
  readonly wsSilent?: boolean;
  /** WebSockets are dropped without a farewell, and new ones refused. */
  readonly wsClose?: boolean;
}

export type Chance = { readonly probability: number; readonly seed: number } | { readonly every: number };
