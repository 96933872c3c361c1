export { ChainReader, type BlockLogs, type RangeLogs } from './chain-reader.js';
export { readDeployment, WrongDeploymentError } from './deployment-check.js';
export { followNewHeads } from './new-heads.js';
export { RpcError } from './rpc-error.js';
export type { ChainBlock } from './wire.js';
