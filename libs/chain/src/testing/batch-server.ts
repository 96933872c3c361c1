import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { send, type RpcCall } from './rpc-server.js';

/** The whole answer to a request of some calls; undefined where it was written to the response. */
export type BatchReply = (
  calls: readonly RpcCall[],
  response: ServerResponse,
) => object | readonly unknown[] | undefined;

const callShape = z.object({ id: z.number(), method: z.string(), params: z.array(z.unknown()) });
const bodyShape = z.union([callShape.transform((call) => [call]), z.array(callShape)]);

/** A JSON-RPC endpoint on 127.0.0.1 that answers whole requests as it is told, and remembers how large they were. */
export class BatchServer {
  readonly sizes: number[] = [];
  url = '';
  /** Answers requests of one call, in place of the first answer of the batch. */
  single: BatchReply | null = null;
  readonly #server: Server;

  private constructor(reply: BatchReply) {
    this.#server = createServer((request, response) => {
      const answer = async (): Promise<void> => {
        const body: unknown = JSON.parse(await text(request));
        const calls = bodyShape.parse(body);
        this.sizes.push(calls.length);
        const answered = Array.isArray(body) ? reply(calls, response) : (this.single ?? reply)(calls, response);
        if (answered !== undefined) send(response, 200, Array.isArray(body) ? answered : firstOf(answered));
      };
      answer().catch(() => response.destroy());
    });
  }

  static async start(reply: BatchReply): Promise<BatchServer> {
    const server = new BatchServer(reply);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    const address = server.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
    server.url = `http://127.0.0.1:${address.port}`;
    return server;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function firstOf(answers: object | readonly unknown[]): unknown {
  return Array.isArray(answers) ? (answers[0] ?? {}) : answers;
}
