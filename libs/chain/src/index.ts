export { ChainReader, type BlockLogs, type RangeLogs } from './reading/chain-reader.js';
export { readDeployment } from './reading/deployment-check.js';
export { followNewHeads } from './heads/new-heads.js';
export type { EndpointPoolOptions } from './endpoint/endpoint-pool.js';
export { PrunedHistoryError } from './reading/pruned-history.js';
export { RpcError, type RpcErrorKind } from './endpoint/rpc-error.js';
export type { ObserveRpc, RpcEvent } from './endpoint/rpc-events.js';
export type { ChainBlock } from './reading/wire.js';
export { WrongDeploymentError } from './endpoint/wrong-deployment.js';
