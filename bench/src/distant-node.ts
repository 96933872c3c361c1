import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@hybrid-sync/devstack';
import { z } from 'zod';

export interface Distance {
  /** Added to every request; a batch is one request. */
  readonly latencyMs: number;
  /** More blocks in one eth_getLogs are refused. */
  readonly maxBlocks: number;
}

/** A node seen through a provider: farther away, and with a limit. */
export interface DistantNode {
  readonly url: string;
  close(): Promise<void>;
}

/** Hands bodies on as they are, so that it costs next to nothing beside what is measured. */
export async function startDistantNode(nodeUrl: string, distance: Distance): Promise<DistantNode> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, response) => {
    answer(incoming, response, { nodeUrl, distance, agent }).catch(() => response.destroy());
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Road {
  readonly nodeUrl: string;
  readonly distance: Distance;
  readonly agent: Agent;
}

async function answer(incoming: IncomingMessage, response: ServerResponse, road: Road): Promise<void> {
  const { nodeUrl, distance, agent } = road;
  const body = await text(incoming);
  if (distance.latencyMs > 0) await sleep(distance.latencyMs);
  if (widestRange(body) > distance.maxBlocks) {
    response.end(refusal(body, distance.maxBlocks));
    return;
  }
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const onward = request(nodeUrl, { method: 'POST', headers, agent }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, { 'content-type': 'application/json' });
    answered.pipe(response);
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
}

const logsCall = z.object({
  id: z.unknown(),
  method: z.literal('eth_getLogs'),
  params: z.tuple([z.object({ fromBlock: z.string(), toBlock: z.string() })]),
});
const anyCall = z.object({ id: z.unknown() });

/** Batches of it are not refused: no provider's limit is worth parsing every batch for. */
function widestRange(body: string): number {
  if (body.startsWith('[') || !body.includes('eth_getLogs')) return 0;
  const call = logsCall.safeParse(JSON.parse(body)).data;
  const [filter] = call?.params ?? [];
  return filter === undefined ? 0 : Number(filter.toBlock) - Number(filter.fromBlock) + 1;
}

function refusal(body: string, maxBlocks: number): string {
  const { id } = anyCall.parse(JSON.parse(body));
  const error = { code: -32_614, message: `eth_getLogs is limited to a ${maxBlocks.toLocaleString('en')} range` };
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}
