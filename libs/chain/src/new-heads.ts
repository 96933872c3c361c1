import { z } from 'zod';

export interface NewHeadsOptions {
  /** A ws or wss endpoint. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** Called for every notice of a new head. It is a hint and no more: what it says is not read. */
  readonly notify: () => void;
  /** Called when the connection ends; it is made again after a pause. */
  readonly lost: () => void;
  /** Default 2 s. */
  readonly reconnectPauseMs?: number;
}

const notice = z.object({ method: z.literal('eth_subscription') });

/** Listens for new heads until the signal aborts. */
export function followNewHeads(options: NewHeadsOptions): void {
  if (options.signal.aborted) return;
  const socket = new WebSocket(options.url);
  const close = (): void => {
    socket.close();
  };
  options.signal.addEventListener('abort', close, { once: true });
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
  });
  socket.addEventListener('message', (event) => {
    if (isNotice(event.data)) options.notify();
  });
  socket.addEventListener('close', () => {
    options.signal.removeEventListener('abort', close);
    if (options.signal.aborted) return;
    options.lost();
    setTimeout(() => {
      followNewHeads(options);
    }, options.reconnectPauseMs ?? 2_000).unref();
  });
}

function isNotice(data: unknown): boolean {
  if (typeof data !== 'string') return false;
  try {
    return notice.safeParse(JSON.parse(data)).success;
  } catch {
    return false;
  }
}
