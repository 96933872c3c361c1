import { afterEach } from '@jest/globals';
import { ChainReader } from '../reading/chain-reader.js';
import type { RpcEvent } from '../endpoint/rpc-events.js';
import { RpcServer, type Reply, type RpcCall } from './rpc-server.js';
import { contract } from './wire-shapes.js';

const servers: RpcServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** An endpoint until the end of the test. */
export async function endpoint(reply: (call: RpcCall) => Reply): Promise<RpcServer> {
  const server = await RpcServer.start(reply);
  servers.push(server);
  return server;
}

export interface Reader {
  readonly chain: ChainReader;
  readonly rejected: readonly string[];
  /** What was observed of answers, without what was observed of calls. */
  readonly found: () => readonly Readonly<Record<string, unknown>>[];
}

const aboutCalls = ['answered', 'failed', 'retried', 'batch-limit', 'up', 'down', 'set-aside'];

export function readerOf(...endpoints: readonly RpcServer[]): Reader {
  const rejected: string[] = [];
  const events: RpcEvent[] = [];
  const chain = new ChainReader({
    urls: endpoints.map(({ url }) => url),
    contract,
    rejected: (reason) => rejected.push(reason),
    endpoints: { observe: (event) => events.push(event) },
  });
  const found = (): readonly RpcEvent[] =>
    events.filter((event) => !aboutCalls.includes(event.kind) && !isUncheckedHeader(event));
  return { chain, rejected, found };
}

/** The headers of simulated chains commit to receipts, but their hashes to nothing. */
function isUncheckedHeader(event: RpcEvent): boolean {
  return event.kind === 'header' && event.outcome === 'unchecked';
}
