import { z } from 'zod';

export interface JsonRpcError {
  readonly code?: number;
  readonly message?: string;
  /** What the endpoint says beyond the message, as text. */
  readonly data?: string;
}

/** What an endpoint answers to one call. `none` has neither a result nor an error. */
export type JsonRpcAnswer =
  | { readonly kind: 'result'; readonly id: unknown; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: unknown; readonly error: JsonRpcError }
  | { readonly kind: 'none'; readonly id: unknown };

export function encodeCall(id: number, method: string, params: readonly unknown[]): object {
  return { jsonrpc: '2.0', id, method, params };
}

/** What was sent back: one answer, the answers to a batch, or something else, such as a page. */
export type JsonRpcMessage =
  JsonRpcAnswer | { readonly kind: 'batch'; readonly answers: readonly JsonRpcAnswer[] } | { readonly kind: 'page' };

export function parseMessage(text: string): JsonRpcMessage {
  const json = parsed(text);
  if (Array.isArray(json)) return { kind: 'batch', answers: json.flatMap((item) => answerOf(item) ?? []) };
  return answerOf(json) ?? { kind: 'page' };
}

const errorShape = z.union([
  z.object({ code: z.number().optional(), message: z.string().optional(), data: z.unknown().optional() }),
  z.string().transform((message) => ({ code: undefined, message, data: undefined })),
]);

const answerShape = z.object({
  id: z.unknown().optional(),
  result: z.unknown().optional(),
  /** Some endpoints say `null` beside a result. */
  error: errorShape.nullish(),
});

function answerOf(json: unknown): JsonRpcAnswer | null {
  const answer = answerShape.safeParse(json);
  if (!answer.success) return null;
  const { id, result, error } = answer.data;
  if (error != null) return { kind: 'error', id, error: errorOf(error) };
  if (result !== undefined) return { kind: 'result', id, result };
  return id === undefined ? null : { kind: 'none', id };
}

function errorOf({ code, message, data }: z.output<typeof errorShape>): JsonRpcError {
  const text = dataText(data);
  return {
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(text === '' ? {} : { data: text }),
  };
}

/** The bytes that a reverted call gives are no text. */
function dataText(data: unknown): string {
  if (data === undefined || data === null) return '';
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return /^0x[0-9a-f]*$/i.test(text) ? '' : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
