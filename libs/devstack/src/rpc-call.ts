/** One JSON-RPC call; throws with the node's own message when the answer is an error. */
export async function rpcCall(url: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'result' in answer) return answer.result;
  throw new Error(`${method}: ${messageOf(answer)}`);
}

function messageOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return 'no result';
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'no result';
}
