import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

export interface RpcCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** How the server answers a call: as JSON-RPC, or by whatever is written to the response. */
export type Reply =
  | { readonly result: unknown }
  | { readonly error: { readonly code?: number; readonly message?: string } }
  | ((response: ServerResponse, call: RpcCall) => void);

const callShape = z.object({ id: z.number(), method: z.string(), params: z.array(z.unknown()) });

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
    const call = callShape.parse(JSON.parse(await text(request)));
    this.calls.push(call);
    const reply = this.#reply(call);
    if (typeof reply === 'function') reply(response, call);
    else send(response, 200, { jsonrpc: '2.0', id: call.id, ...reply });
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
