import type { Endpoint } from '../endpoint/endpoint.js';
import { distrustLogs, inChainOrder, type LogQuery } from './log-answer.js';
import type { Reading } from './reading.js';
import { RpcError } from '../endpoint/rpc-error.js';
import { encodeQuantity, logsAnswer, type StampedLog } from './wire.js';

const method = 'eth_getLogs';

/** What eth_getLogs gives, in the order of the chain; rejects as malformed when it cannot be what was asked for. */
export async function readLogs(
  endpoint: Endpoint,
  query: LogQuery,
  { contract, observe }: Pick<Reading, 'contract' | 'observe'>,
): Promise<readonly StampedLog[]> {
  const answer = logsAnswer.safeParse(await endpoint.call(method, [filterOf(query, contract)]));
  const logs = answer.success ? inChainOrder(answer.data) : [];
  const reason = answer.success ? distrustLogs(logs, query, contract) : 'the answer is not a list of logs';
  if (reason === null) return logs;
  observe({ kind: 'disbelieved', endpoint: endpoint.label, method });
  throw new RpcError('malformed', method, reason);
}

function filterOf({ blocks, topics }: LogQuery, contract: string): Readonly<Record<string, unknown>> {
  const filter = { address: contract, topics };
  if (blocks.kind === 'block') return { ...filter, blockHash: blocks.blockHash };
  const { fromBlock, toBlock } = blocks.range;
  return { ...filter, fromBlock: encodeQuantity(fromBlock), toBlock: encodeQuantity(toBlock) };
}
