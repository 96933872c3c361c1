export { ChainReader, type BlockLogs, type RangeLogs } from './chain-reader.js';
export { readDeployment } from './deployment-check.js';
export { followNewHeads } from './new-heads.js';
export type { EndpointPoolOptions } from './endpoint-pool.js';
export { PrunedHistoryError } from './pruned-history.js';
export { RpcError, type RpcErrorKind } from './rpc-error.js';
export type { ObserveRpc, RpcEvent } from './rpc-events.js';
export type { ChainBlock } from './wire.js';
export { WrongDeploymentError } from './wrong-deployment.js';
