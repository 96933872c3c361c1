import type { Address } from '@hybrid-sync/domain';
import type { EndpointMemories } from '../endpoint/endpoint-memory.js';
import type { EndpointPool } from '../endpoint/endpoint-pool.js';
import type { ObserveRpc } from '../endpoint/rpc-events.js';

/** What every way of reading the chain works with. */
export interface Reading {
  readonly pool: EndpointPool;
  readonly contract: Address;
  readonly memories: EndpointMemories;
  readonly observe: ObserveRpc;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}
