/** What the node answered instead of a result. */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    message: string,
    /** For a reverted call the bytes that the contract reverted with. */
    readonly data: string | undefined,
  ) {
    super(message);
  }
}

/** One JSON-RPC call; throws `RpcError` when the node answers with an error. */
export async function rpcCall(url: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer: unknown = await response.json();
  if (has(answer, 'result')) return answer.result;
  const error = has(answer, 'error') ? answer.error : undefined;
  const reason = has(error, 'message') ? String(error.message) : 'no result';
  const data = has(error, 'data') && typeof error.data === 'string' ? error.data : undefined;
  throw new RpcError(`${method}: ${reason}`, data);
}

function has<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && key in value;
}
