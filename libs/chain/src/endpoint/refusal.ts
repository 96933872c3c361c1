import type { BlockRange } from '@hybrid-sync/domain';
import type { RpcErrorDetails, RpcErrorKind } from './rpc-error.js';

/** What an endpoint answered instead of a result. */
export interface RefusedAnswer {
  readonly method: string;
  /** HTTP status, which may be 200. */
  readonly status: number;
  /** The header. */
  readonly retryAfter?: string | null;
  /** The JSON-RPC error; absent where the answer is none. */
  readonly error?: { readonly code?: number; readonly message?: string; readonly data?: string };
  /** The whole answer where it is not JSON-RPC. */
  readonly body?: string;
  /** Milliseconds since the epoch, for a Retry-After that is a date. */
  readonly now: number;
}

export interface Refusal extends Pick<RpcErrorDetails, 'maxBlocks' | 'hint' | 'retryAfterMs'> {
  readonly kind: RpcErrorKind;
}

/**
 * What a refusal means. The only place where the texts of endpoints are matched: providers share no codes (-32005 is a
 * rate, a range, a result or a time that is too much, -32602 a range too), so the text comes first, then the code, then
 * the HTTP status. Texts as of 2026; whatever says nothing we know is `refused`.
 */
export function classifyRefusal(answer: RefusedAnswer): Refusal {
  const text = readable(answer);
  const kind = kindOf(answer, text);
  switch (kind) {
    case 'too-wide':
      return { kind, ...ceilingIn(text), ...hintIn(text) };
    case 'too-dense':
      return { kind, ...hintIn(text) };
    case 'rate-limited':
      return { kind, ...pauseIn(answer, text) };
    default:
      return { kind };
  }
}

/** In order: a text that several patterns fit means the first. */
const meanings: readonly (readonly [RpcErrorKind, RegExp])[] = [
  [
    'unsupported',
    /\bmethod\b.{0,80}\b(not (be )?(found|supported|available|allowed|whitelisted|enabled|exist)|unsupported|disabled)|\b(unsupported|unknown) method/,
  ],
  [
    'unknown-block',
    /after last accepted block|beyond (the )?(current )?head|unfinalized data|height is not available|invalid block range(?! param)|blockoutofrange|unknown (block|header)|header (for hash )?not found|\bblocks?\b(?! range).{0,80}\b(not (be )?found|cannot be found|does not exist|not (yet )?available)/,
  ],
  [
    'pruned',
    /\bpruned?\b|\bpruning\b|missing trie node|\barchive\b|\bstate\b.{0,30}\b(not |un)available|no state available|\bhistor(y|ical)\b.{0,40}\b(not |un)available/,
  ],
  [
    'rate-limited',
    /too many requests|\brate[ -]?limit|\brequest rate|per[ -]second|throttl|\brequest[ -]limit\b|requests? count exceeded/,
  ],
  [
    'too-dense',
    /returned more than|more than [\d,_]+k? (logs|results|events)|logs matched by query|too many (logs|results|events)|max(imum)? (logs|results)|response size|response (is )?too (large|big)|(body|entity|payload) (is )?too large|try with this block range/,
  ],
  [
    'too-slow',
    /\btime[ds]?[ -]?out|took too long|deadline exceeded|no backend is currently healthy|(operation|execution|query) (was )?(aborted|cancell?ed)/,
  ],
  [
    'too-wide',
    /\bblocks? range(?! param)|\branges?\b.{0,60}\b(too|exceed|limit|larger?|wide|max|maximum|threshold|allowed|over)|\b(exceeds?|limit|limited|max|maximum|over|large)\b.{0,60}\branges?\b|\branges? over|too many blocks|blocks distance|number of requested blocks|(at most|up to|limited to|maximum of|more than) .{0,20}\bblocks|must be smaller than size|exceeded max allowed|less number of address/,
  ],
  [
    'rate-limited',
    /requests limited to|has exceeded|quota|too much load|overloaded|reached the free tier|capacity limit|over capacity/,
  ],
];

/** A page may hold any word; these it is believed. */
const believedOfPages: readonly RpcErrorKind[] = ['rate-limited', 'too-dense', 'too-slow', 'too-wide'];

function kindOf(answer: RefusedAnswer, text: string): RpcErrorKind {
  const said = meanings.find(([, pattern]) => pattern.test(text))?.[0];
  const { error, status } = answer;
  if (error === undefined) {
    if (said !== undefined && believedOfPages.includes(said)) return said;
    return ofStatus(answer) ?? ofPage(status);
  }
  return said ?? ofCode(error.code) ?? ofStatus(answer) ?? 'refused';
}

function ofCode(code: number | undefined): RpcErrorKind | null {
  if (code === -32_601 || code === -32_004) return 'unsupported';
  if (code === -32_001) return 'unknown-block';
  if (code === 4_444) return 'pruned';
  return code !== undefined && [429, -32_029, -32_097].includes(code) ? 'rate-limited' : null;
}

function ofStatus({ method, status, retryAfter }: RefusedAnswer): RpcErrorKind | null {
  if (status === 429 || status === 402) return 'rate-limited';
  if (status >= 500 && retryAfter != null) return 'rate-limited';
  if (status === 413) return 'too-dense';
  if ([408, 504, 524].includes(status)) return 'too-slow';
  // The answer of gateways to a query that is too heavy for what is behind them.
  if (status === 503) return method === 'eth_getLogs' ? 'too-slow' : 'unreachable';
  return null;
}

function ofPage(status: number): RpcErrorKind {
  if (status >= 200 && status < 300) return 'malformed';
  return status === 400 || status === 422 ? 'refused' : 'unreachable';
}

/** Longer texts are pages, and the reason stands at their beginning. */
const longestText = 2_000;

/** Lower case, without markup, URLs and control characters: the words of a link mean nothing. */
function readable({ error, body = '' }: RefusedAnswer): string {
  const text = error === undefined ? withoutMarkup(body) : `${error.message ?? ''} ${error.data ?? ''}`;
  return text
    .slice(0, longestText)
    .toLowerCase()
    .replace(/\u001b\[[\d;]*[a-z]/g, '')
    .replace(/\b(https?|wss?):\/\/\S+/g, ' ')
    .replace(/[\s\p{Cc}]+/gu, ' ');
}

function withoutMarkup(body: string): string {
  return body
    .slice(0, 10 * longestText)
    .replace(/<(script|style)\b[^]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ');
}

const number = String.raw`0x[0-9a-f]{1,13}\b|\d{1,3}(?:[,_' ]\d{3})+\b|\d{1,15}(?:\.\d{1,3})?(?: ?[km]\b)?`;

/** Where texts say how many blocks they mean; the first that fits says it best. */
const ceilings: readonly RegExp[] = [
  `> ?(${number})`,
  String.raw`\bmax(?:imum)?\b\D{0,60}?(${number})`,
  String.raw`\b(?:limit(?:ed)?|exceeds?|over|at most|up to|allowed|smaller than|more than|less than|only)\b\D{0,40}?(${number})`,
  String.raw`(${number})[ -]blocks?\b(?: range)?`,
].map((pattern) => new RegExp(pattern));

/** "Limited to N" is `to - from` for some and a count for others: one block less fits both. */
function ceilingIn(text: string): Pick<Refusal, 'maxBlocks'> {
  const named = ceilings.map((pattern) => pattern.exec(text)?.[1]).find((found) => found !== undefined);
  const blocks = named === undefined ? 0 : Math.floor(numberOf(named));
  return Number.isSafeInteger(blocks) && blocks > 0 ? { maxBlocks: Math.max(1, blocks - 1) } : {};
}

const hinted = new RegExp(String.raw`\[ ?(${number}) ?, ?(${number}) ?\]|\brange:? (${number}) ?- ?(${number})`);

function hintIn(text: string): Pick<Refusal, 'hint'> {
  const [, a, b, c, d] = hinted.exec(text) ?? [];
  const hint: BlockRange = { fromBlock: numberOf(a ?? c ?? ''), toBlock: numberOf(b ?? d ?? '') };
  const usable = Number.isSafeInteger(hint.fromBlock) && Number.isSafeInteger(hint.toBlock);
  return usable && hint.fromBlock <= hint.toBlock ? { hint } : {};
}

function numberOf(text: string): number {
  const [, digits = '', unit] = /^(.*?) ?([km]?)$/.exec(text.replace(/[,_']/g, '')) ?? [];
  if (text === '') return Number.NaN;
  return Number(digits.replaceAll(' ', '')) * (unit === 'k' ? 1_000 : unit === 'm' ? 1_000_000 : 1);
}

const longestPauseMs = 15 * 60_000;
/** A quota that is used up comes back after hours. */
const billingPauseMs = 5 * 60_000;

function pauseIn({ retryAfter, status, now }: RefusedAnswer, text: string): Pick<Refusal, 'retryAfterMs'> {
  const named = pauseOf(retryAfter ?? '', now) ?? pauseSaid(text);
  const billing = status === 402 || /free tier|monthly|daily|capacity limit|billing/.test(text);
  const pause = named ?? (billing ? billingPauseMs : null);
  return pause === null ? {} : { retryAfterMs: Math.min(pause, longestPauseMs) };
}

/** Seconds or a date. */
function pauseOf(header: string, now: number): number | null {
  const value = header.trim();
  if (value === '') return null;
  const pause = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return pause > 0 ? pause : null;
}

const unitsInMs = { ms: 1, milli: 1, s: 1_000, sec: 1_000, m: 60_000, min: 60_000 } as const;

function pauseSaid(text: string): number | null {
  const seconds = /backoff_seconds\D{0,4}(\d{1,6}(?:\.\d{1,3})?)/.exec(text)?.[1];
  if (seconds !== undefined) return Math.ceil(Number(seconds) * 1_000);
  for (const [unit, factor] of Object.entries(unitsInMs)) {
    const said = new RegExp(
      `(?:retry|try[ _]again|wait)\\D{0,30}(\\d{1,6}(?:\\.\\d{1,3})?) ?${unit}(?:seconds?|onds?|utes?)?\\b`,
    );
    const amount = said.exec(text)?.[1];
    if (amount !== undefined) return Math.ceil(Number(amount) * factor);
  }
  return null;
}
