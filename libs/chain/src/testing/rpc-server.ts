import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

export interface RpcCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** How the server answers a call: as JSON-RPC, or by whatever is written to the response, that to a batch included. */
export type Reply =
  | { readonly result: unknown }
  | { readonly error: { readonly code?: number; readonly message?: string } }
  | ((response: ServerResponse, call: RpcCall) => void);

const callShape = z.object({ id: z.number(), method: z.string(), params: z.array(z.unknown()) });
const bodyShape = z.union([callShape, z.array(callShape)]);

/** A JSON-RPC endpoint on 127.0.0.1 that answers as it is told, and remembers what it was asked. */
export class RpcServer {
  readonly calls: RpcCall[] = [];
  url = '';
  readonly #server: Server;
  readonly #reply: (call: RpcCall) => Reply;

  private constructor(reply: (call: RpcCall) => Reply) {
    this.#reply = reply;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(reply: (call: RpcCall) => Reply): Promise<RpcServer> {
    const server = new RpcServer(reply);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    server.url = `http://127.0.0.1:${portOf(server.#server)}`;
    return server;
  }

  /** The parameters of every call of a method, in order. */
  paramsOf(method: string): readonly (readonly unknown[])[] {
    return this.calls.filter((call) => call.method === method).map(({ params }) => params);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = bodyShape.parse(JSON.parse(await text(request)));
    if (!Array.isArray(body)) {
      const reply = this.#replyTo(body);
      if (typeof reply === 'function') reply(response, body);
      else send(response, 200, { jsonrpc: '2.0', id: body.id, ...reply });
      return;
    }
    const answers: unknown[] = [];
    for (const call of body) {
      const reply = this.#replyTo(call);
      if (typeof reply === 'function') {
        reply(response, call);
        return;
      }
      answers.push({ jsonrpc: '2.0', id: call.id, ...reply });
    }
    send(response, 200, answers);
  }

  #replyTo(call: RpcCall): Reply {
    this.calls.push(call);
    return this.#reply(call);
  }
}

export function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  return address.port;
}
