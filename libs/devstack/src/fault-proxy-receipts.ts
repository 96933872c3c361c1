import type { Tampering } from './fault-proxy-faults.js';
import { isRecord } from './fault-proxy-request.js';
import { refuse } from './fault-proxy-refusals.js';

const receiptMethods = ['eth_getBlockReceipts', 'eth_getTransactionReceipt'];

/** The node has no receipts of any block yet. */
export function nullReceipts(): Tampering {
  return ({ method }, result) => (receiptMethods.includes(method) ? null : result);
}

/** The node does not offer `eth_getBlockReceipts`. */
export function noReceiptsMethod(): Tampering {
  return refuse('eth_getBlockReceipts', { code: -32_601, message: 'the method eth_getBlockReceipts does not exist' });
}

/** `eth_getBlockReceipts` leaves the last log of every block out, so that the receipts no longer add up to the root. */
export function dropReceiptLog(): Tampering {
  return ({ method }, result) => {
    if (method !== 'eth_getBlockReceipts' || !Array.isArray(result)) return result;
    const receipts = result.filter(isRecord);
    const last = receipts.findLastIndex(({ logs }) => Array.isArray(logs) && logs.length > 0);
    return receipts.map((receipt, index) => (index === last ? withoutLastLog(receipt) : receipt));
  };
}

function withoutLastLog(receipt: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { logs } = receipt;
  return { ...receipt, logs: Array.isArray(logs) ? logs.slice(0, -1) : logs };
}
