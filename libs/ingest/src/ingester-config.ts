import type { Hash32 } from '@hybrid-sync/domain';
import type { BaseConfig, RpcLimits } from '@hybrid-sync/runtime';

export interface IngesterConfig extends BaseConfig {
  /** HTTP and WebSocket endpoints. */
  readonly rpcUrls: readonly string[];
  readonly rpcLimits: RpcLimits;
  /** Which of the two blocks of a finality violation the operator takes for the chain's. */
  readonly acceptedBlockHash?: Hash32 | undefined;
}
