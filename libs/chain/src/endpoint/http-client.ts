import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { collectCapped, TooLarge } from './capped-body.js';

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

export interface HttpPostLimits {
  /** Milliseconds until the last byte of the answer must have come. */
  readonly deadlineMs: number;
  /** Bytes of the largest answer that is read, after it is unpacked. */
  readonly maxBytes: number;
  /** Ends the request early. */
  readonly signal?: AbortSignal | undefined;
}

/** Why there is no answer. The reason names no host: hosts carry keys. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly kind: 'unreachable' | 'too-slow' | 'too-large' | 'malformed';
  /** The connection was there and broke off: another one may hold. */
  readonly cut: boolean;

  constructor(kind: HttpFailure['kind'], reason: string, cut = false) {
    super(reason);
    this.kind = kind;
    this.cut = cut;
  }
}

/** Posts JSON to one URL over connections that are kept. Follows no redirect. */
export class HttpClient {
  readonly #url: URL;
  readonly #agent: HttpAgent;
  readonly #known = new WeakSet<Socket>();
  readonly #closing = new WeakSet<Socket>();
  #lost = 0;

  constructor(url: string, maxConnections: number) {
    this.#url = new URL(url);
    const options = { keepAlive: true, maxSockets: maxConnections };
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** How many connections have ended without a word. Whoever answers on the next one may be somebody else. */
  get lostConnections(): number {
    return this.#lost;
  }

  /** The answer, whatever its status; rejects with an {@link HttpFailure}. */
  async post(body: string, { deadlineMs, maxBytes, signal }: HttpPostLimits): Promise<HttpAnswer> {
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      const response = await this.#send(body, signal === undefined ? deadline : AbortSignal.any([deadline, signal]));
      const { statusCode: status = 0, headers } = response;
      return { status, retryAfter: headers['retry-after'] ?? null, text: await textOf(response, maxBytes) };
    } catch (error) {
      throw deadline.aborted ? new HttpFailure('too-slow', 'no complete answer within the deadline') : failureOf(error);
    }
  }

  #send(body: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json',
      'accept-encoding': 'gzip',
    };
    const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(this.#url, { method: 'POST', headers, agent: this.#agent, signal });
    request.on('socket', (socket) => {
      this.#watch(socket);
    });
    request.on('response', (response) => {
      if (response.headers.connection?.toLowerCase() === 'close') this.#closing.add(response.socket);
      resolve(response);
    });
    request.on('error', reject);
    request.end(body);
    return promise;
  }

  #watch(socket: Socket): void {
    if (this.#known.has(socket)) return;
    this.#known.add(socket);
    socket.on('close', () => {
      if (!this.#closing.has(socket)) this.#lost += 1;
    });
  }
}

async function textOf(response: IncomingMessage, maxBytes: number): Promise<string> {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (!['gzip', 'identity'].includes(encoding)) {
    response.destroy();
    throw new HttpFailure('malformed', 'the answer is packed in a way that was not asked for');
  }
  // Packed, it may only grow.
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
    response.destroy();
    throw new TooLarge();
  }
  const collect = (source: AsyncIterable<Buffer>): Promise<string> => collectCapped(source, maxBytes);
  return encoding === 'gzip' ? pipeline(response, createGunzip(), collect) : pipeline(response, collect);
}

const brokenOff: readonly string[] = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'Z_BUF_ERROR'];

const coded = z.object({ code: z.string() });

/** By the code of the error: its message would name the host. */
function failureOf(error: unknown): HttpFailure {
  if (error instanceof HttpFailure) return error;
  if (error instanceof TooLarge) return new HttpFailure('too-large', 'the answer is larger than the cap');
  const code = coded.safeParse(error).data?.code ?? '';
  if (code.startsWith('Z_') && code !== 'Z_BUF_ERROR')
    return new HttpFailure('malformed', 'the answer cannot be unpacked');
  return new HttpFailure('unreachable', code === '' ? 'the connection failed' : code, brokenOff.includes(code));
}
