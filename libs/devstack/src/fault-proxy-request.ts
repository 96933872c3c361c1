import type { ProxiedCall } from './fault-proxy-faults.js';

/** A JSON-RPC request or batch as it came, and the calls in it. */
export interface ProxiedRequest {
  readonly text: string;
  readonly batch: boolean;
  /** By id. */
  readonly calls: ReadonlyMap<unknown, ProxiedCall>;
}

export function readRequest(text: string, { path, via }: Pick<ProxiedCall, 'path' | 'via'>): ProxiedRequest {
  const body = parseJson(text);
  const calls = new Map<unknown, ProxiedCall>();
  for (const { id, method, params } of recordsIn(body)) {
    calls.set(id, { method: String(method), params: Array.isArray(params) ? params : [], path, via });
  }
  return { text, batch: Array.isArray(body), calls };
}

/** Undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The objects of a batch, or the one there is. */
export function recordsIn(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  const items: readonly unknown[] = Array.isArray(body) ? body : [body];
  return items.filter(isRecord);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
