import type { ReadingEvent } from '../reading/reading-events.js';
import type { RpcErrorKind } from './rpc-error.js';

/** What happens at the endpoints, for whoever measures. `endpoint` is a label such as `endpoint-1`, never a URL. */
export type RpcEvent =
  | ReadingEvent
  /** One call, or one batch of calls of a method. */
  | { readonly kind: 'answered'; readonly endpoint: string; readonly method: string; readonly seconds: number }
  | {
      readonly kind: 'failed';
      readonly endpoint: string;
      readonly method: string;
      readonly seconds: number;
      readonly error: RpcErrorKind;
    }
  /** The same call is made again at the same endpoint. */
  | { readonly kind: 'retried'; readonly endpoint: string; readonly method: string }
  /** The most blocks that the endpoint is asked for from now on. */
  | { readonly kind: 'range-limit'; readonly endpoint: string; readonly blocks: number }
  /** The most calls that the endpoint gets in one request from now on. */
  | { readonly kind: 'batch-limit'; readonly endpoint: string; readonly calls: number }
  /** Whether the endpoint is used; said once per change. */
  | { readonly kind: 'up' | 'down'; readonly endpoint: string }
  /** The endpoint shows another chain or deployment and is not used; said at every check. */
  | { readonly kind: 'set-aside'; readonly endpoint: string; readonly reason: string };

export type ObserveRpc = (event: RpcEvent) => void;
