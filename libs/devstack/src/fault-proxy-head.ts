import type { Ask, ProxiedCall, Tampering } from './fault-proxy-faults.js';
import { isRecord } from './fault-proxy-request.js';

/**
 * The node lags so many blocks behind the one that answers: its head is older, and what lies above it is unknown to it.
 * Its `eth_getLogs` leaves out what it does not have, without an error, as geth does.
 */
export function staleHead(lag: number): Tampering {
  return async (call, result, ask) => {
    const head = Math.max(0, (await headOf(ask)) - lag);
    if (call.method === 'eth_blockNumber') return hex(head);
    return asksForHeadBlock(call) ? ask(call.method, [hex(head), ...call.params.slice(1)]) : upTo(head, call, result);
  };
}

/** The node has heard of its head and names it, but does not have the data of the block: no block, logs or receipts. */
export function headAheadOfData(): Tampering {
  return async (call, result, ask) => {
    if (call.method === 'eth_blockNumber' || asksForHeadBlock(call)) return result;
    return upTo((await headOf(ask)) - 1, call, result);
  };
}

/** `finalized` is not one: it lies further below the head than any lag of a test. */
function asksForHeadBlock({ method, params: [tag] }: ProxiedCall): boolean {
  return method === 'eth_getBlockByNumber' && (tag === 'latest' || tag === 'pending');
}

/** The answer without what lies above the block. */
function upTo(last: number, { method }: ProxiedCall, result: unknown): unknown {
  if (method === 'eth_getLogs') return Array.isArray(result) ? result.filter((log) => numberOf(log) <= last) : [];
  if (method.startsWith('eth_getBlockBy')) return numberOf(result) > last ? null : result;
  if (method !== 'eth_getBlockReceipts' || !Array.isArray(result)) return result;
  return numberOf(result[0]) > last ? null : result;
}

function numberOf(value: unknown): number {
  if (!isRecord(value)) return -1;
  return Number(value['number'] ?? value['blockNumber']);
}

async function headOf(ask: Ask): Promise<number> {
  return Number(await ask('eth_blockNumber', []));
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
