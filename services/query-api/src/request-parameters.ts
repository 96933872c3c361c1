import { lockId, readSignature, type Hash32, type LockId } from '@hybrid-sync/domain';
import { z } from 'zod';
import { badRequest } from './problem.js';

/** Each parser answers a malformed parameter with 400: it must never be read as something that is not revoked. */
export function parseLockId(text: string): LockId {
  const parsed = lockId.safeParse(text);
  if (!parsed.success)
    throw badRequest('invalid-lock-id', `lockId ${parsed.error.issues[0]?.message ?? 'is malformed'}`);
  return parsed.data;
}

export function parseSignature(text: string): readonly [Hash32, ...Hash32[]] {
  const reading = readSignature(text);
  if (reading.kind === 'malformed') throw badRequest('invalid-signature', reading.reason);
  return reading.hashes;
}

export interface RevokedQuery {
  /** The answer must not be older than this block. */
  readonly minBlock: number | null;
  /** Answer `isRevoked: null` instead of 503 where nothing is proven. */
  readonly allowStale: boolean;
}

const wholeNumber = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a whole number')
  .transform(Number)
  .refine(Number.isSafeInteger, 'is too large');

/** Strict: a mistyped name must not be taken for a condition that was not made. */
const revokedQuery = z.strictObject({
  minBlock: wholeNumber.optional(),
  allowStale: z.enum(['true', 'false']).optional(),
});

export function parseRevokedQuery(query: unknown): RevokedQuery {
  const { minBlock, allowStale } = parse(revokedQuery, query, 'invalid-query');
  return { minBlock: minBlock ?? null, allowStale: allowStale === 'true' };
}

/** Where a page begins and how long it is; null for the whole list. */
export interface PageQuery {
  readonly limit: number | null;
  readonly cursor: string | null;
}

const pageQuery = z.strictObject({
  limit: wholeNumber.refine((limit) => limit >= 1 && limit <= 1000, 'must be 1 to 1000').optional(),
  cursor: z.string().optional(),
});

export function parsePageQuery(query: unknown): PageQuery {
  const { limit, cursor } = parse(pageQuery, query, 'invalid-query');
  return { limit: limit ?? (cursor === undefined ? null : 1000), cursor: cursor ?? null };
}

const block = z.int().min(0);

const backfillRequest = z
  .strictObject({ fromBlock: block.optional(), toBlock: block.optional() })
  .refine(({ fromBlock, toBlock }) => (fromBlock ?? 0) <= (toBlock ?? Infinity), 'fromBlock must not be above toBlock');

export type BackfillRequest = z.infer<typeof backfillRequest>;

/** No body at all asks for everything. */
export function parseBackfillRequest(body: unknown): BackfillRequest {
  return parse(backfillRequest, body ?? {}, 'invalid-body');
}

function parse<T>(schema: z.ZodType<T>, value: unknown, code: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(code, [issue?.path.join('.'), issue?.message].filter(Boolean).join(' '));
}
