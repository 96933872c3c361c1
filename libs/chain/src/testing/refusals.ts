import { classifyRefusal, type Refusal, type RefusedAnswer } from '../endpoint/refusal.js';

/** When the refused answers came. */
const now = Date.parse('2026-11-23T15:00:00Z');

export function refusal(answer: Partial<RefusedAnswer>): Refusal {
  return classifyRefusal({ method: 'eth_getLogs', status: 200, now, ...answer });
}

/** What an error with this text is taken for. */
export function of(message: string, code?: number): Refusal {
  return refusal({ error: code === undefined ? { message } : { code, message } });
}

/** @param blocks how many were too many */
export function wide(blocks?: number): Refusal {
  return blocks === undefined ? { kind: 'too-wide' } : { kind: 'too-wide', maxBlocks: blocks - 1 };
}

export const hint = { fromBlock: 0x10a, toBlock: 0x20b };
export const dense: Refusal = { kind: 'too-dense' };
export const limited: Refusal = { kind: 'rate-limited' };
