import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { freePort } from '@hybrid-sync/devstack';
import { z } from 'zod';

/** Gives the result as JSON text; null where there is no such method. */
export type Answer = (method: string, params: readonly unknown[]) => string | null;

const call = z.object({ id: z.union([z.number(), z.string()]), method: z.string(), params: z.array(z.unknown()) });
type Call = z.infer<typeof call>;
const body = z.union([call, z.array(call)]);

export interface JsonRpcServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** JSON-RPC over HTTP on loopback, batches included. */
export async function serveJsonRpc(answer: Answer): Promise<JsonRpcServer> {
  const server = createServer((request, response) => {
    text(request)
      .then((asked) => {
        const calls = body.parse(JSON.parse(asked));
        const answers = [calls].flat().map((one) => answerOf(one, answer));
        response.setHeader('content-type', 'application/json');
        response.end(Array.isArray(calls) ? `[${answers.join(',')}]` : answers[0]);
      })
      .catch(() => response.destroy());
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerOf({ id, method, params }: Call, answer: Answer): string {
  const result = answer(method, params);
  const rest = result === null ? '"error":{"code":-32601,"message":"method not found"}' : `"result":${result}`;
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},${rest}}`;
}
