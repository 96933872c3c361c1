import type { ProxiedCall, Tampering } from './fault-proxy-faults.js';
import { isRecord } from './fault-proxy-request.js';

export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Every call of the method, or of any where it is null, is answered with the error. */
export function refuse(method: string | null, error: Refusal): Tampering {
  return (call, result) => (method === null || call.method === method ? { error } : result);
}

/** `eth_getLogs` over more than so many blocks, both ends counted, is refused with the text. */
export function rangeLimit(blocks: number, message: string, code = -32_602): Tampering {
  return (call, result) => (blocksAsked(call) > blocks ? { error: { code, message } } : result);
}

/** `eth_getLogs` with more than so many logs is refused with the text. */
export function resultLimit(logs: number, message: string, code = -32_005): Tampering {
  return ({ method }, result) =>
    method === 'eth_getLogs' && Array.isArray(result) && result.length > logs ? { error: { code, message } } : result;
}

/** A range that ends beyond the head is not refused but answered as far as the node is: how geth was for years. */
export function silentBeyondHead(): Tampering {
  return ({ method }, result) => (method === 'eth_getLogs' && isRecord(result) && 'error' in result ? [] : result);
}

/** Every call that asks for the chain id hears another. */
export function wrongChainId(chainId: number): Tampering {
  return ({ method }, result) => {
    if (method === 'eth_chainId') return `0x${chainId.toString(16)}`;
    return method === 'net_version' ? String(chainId) : result;
  };
}

function blocksAsked({ method, params: [filter] }: ProxiedCall): number {
  if (method !== 'eth_getLogs' || !isRecord(filter) || 'blockHash' in filter) return 0;
  const { fromBlock, toBlock } = filter;
  return Number(toBlock) - Number(fromBlock) + 1;
}
