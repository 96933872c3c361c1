import { WebSocket, type RawData } from 'ws';
import { z } from 'zod';

export interface HeadConnectionOptions {
  /** A ws or wss endpoint. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** Milliseconds until the subscription must be there. */
  readonly attemptMs: number;
  /** Milliseconds after which a silence ends the connection, asked anew after every notice. */
  readonly silenceMs: () => number;
  readonly subscribed: () => void;
  readonly noticed: () => void;
}

/** Why notices stopped. `silent`: the connection stands, and nothing comes over it. */
export type NoticeLoss = 'disconnected' | 'silent';

/** A notice holds one header. */
const maxPayload = 1024 * 1024;

/** One connection over which new heads are announced. Resolves when it has ended, for whatever reason; never rejects. */
export function hearHeads(options: HeadConnectionOptions): Promise<NoticeLoss> {
  const { url, signal, attemptMs, silenceMs, subscribed, noticed } = options;
  const { promise, resolve } = Promise.withResolvers<NoticeLoss>();
  const socket = new WebSocket(url, { maxPayload, followRedirects: false, perMessageDeflate: false });
  const end = (reason: NoticeLoss): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', disconnected);
    // At once: a half-open connection never answers a close.
    socket.terminate();
    resolve(reason);
  };
  const endAfter = (milliseconds: number, reason: NoticeLoss): NodeJS.Timeout =>
    setTimeout(() => {
      end(reason);
    }, milliseconds).unref();
  const disconnected = (): void => {
    end('disconnected');
  };
  const hear = (message: HeadMessage): void => {
    clearTimeout(timer);
    timer = endAfter(silenceMs(), 'silent');
    if (message === 'subscribed') subscribed();
    else noticed();
  };
  let timer = endAfter(attemptMs, 'disconnected');
  signal.addEventListener('abort', disconnected);
  socket.on('open', () => {
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: subscriptionId, method: 'eth_subscribe', params: ['newHeads'] }));
  });
  socket.on('message', (data) => {
    const message = messageOf(data);
    if (message === 'refused') disconnected();
    else if (message !== 'other') hear(message);
  });
  // What went wrong would name the host; that it ended is enough.
  socket.on('error', () => undefined);
  socket.on('close', disconnected);
  return promise;
}

type HeadMessage = 'notice' | 'subscribed' | 'refused' | 'other';

const subscriptionId = 1;
const notice = z.object({ method: z.literal('eth_subscription') });
const subscription = z.object({ id: z.literal(subscriptionId), result: z.string() });
const refusal = z.object({ id: z.union([z.literal(subscriptionId), z.null()]), error: z.object({}) });

function messageOf(data: RawData): HeadMessage {
  const message = Buffer.isBuffer(data) ? parsed(data.toString()) : undefined;
  if (notice.safeParse(message).success) return 'notice';
  if (subscription.safeParse(message).success) return 'subscribed';
  return refusal.safeParse(message).success ? 'refused' : 'other';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
