import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { readDeployment, RpcError } from '@hybrid-sync/chain';
import { z } from 'zod';
import { addressOf, hashOf } from '../../domain/src/testing/arbitraries.js';
import { createMetrics } from '../../runtime/src/metrics.js';
import { openChain } from './open-chain.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const canary = 'c4naryK3y9';
const call = z.object({ id: z.number(), method: z.string() });

type Answer = (
  url: string,
  method: string,
) => { readonly status?: number; readonly result?: unknown; readonly body?: string };

/** An endpoint that answers as told, and knows its own URL as a provider does. */
async function endpoint(path: string, answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { id, method } = call.parse(JSON.parse(body));
      const {
        status = 200,
        result,
        body: page,
      } = answer(`http://${request.headers.host ?? ''}${request.url ?? ''}`, method);
      response.writeHead(status);
      response.end(page ?? JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  return `http://127.0.0.1:${address.port}${path}`;
}

/** What an endpoint shows of a chain. */
function chainOf(chainId: string): Answer {
  const results: Readonly<Record<string, unknown>> = {
    eth_chainId: chainId,
    eth_getCode: '0x60',
    eth_getBlockByNumber: { number: '0x5', hash: hashOf(5) },
  };
  return (_, method) => ({ result: results[method] });
}

function opened(...rpcUrls: readonly string[]): {
  readonly chain: ReturnType<typeof openChain>;
  readonly lines: string[];
  readonly metrics: () => Promise<string>;
} {
  const lines: string[] = [];
  const say = (...line: unknown[]): void => {
    lines.push(JSON.stringify(line));
  };
  const metrics = createMetrics('test');
  const network = { name: 'local', chainId: 31_337, contract: addressOf(1), startBlock: 5 };
  const chain = openChain({
    config: { rpcUrls, rpcLimits: { deadlineMs: 1_000, concurrency: 2, callsPerSecond: 0 }, network },
    log: { info: say, warn: say, error: say },
    metrics,
    signal: new AbortController().signal,
  });
  return { chain, lines, metrics: () => metrics.metrics() };
}

const expected = { chainId: 31_337, contract: addressOf(1), startBlock: 5 };

describe('the endpoints of an ingester', () => {
  it('are measured and told apart by their place in the configuration', async () => {
    const [wrong, right] = [await endpoint('', chainOf('0x5')), await endpoint('', chainOf('0x7a69'))];
    const { chain, lines, metrics } = opened('ws://127.0.0.1:1', wrong, right);
    await readDeployment(chain, expected);
    const shown = await metrics();
    expect(shown).toContain('hybrid_sync_rpc_endpoint_up{endpoint="endpoint-2",service="test"} 0');
    expect(shown).toContain('hybrid_sync_rpc_endpoint_set_aside{endpoint="endpoint-2",service="test"} 1');
    expect(shown).toContain('hybrid_sync_rpc_endpoint_up{endpoint="endpoint-3",service="test"} 1');
    expect(shown).toContain(
      'hybrid_sync_rpc_requests_total{endpoint="endpoint-3",method="eth_chainId",service="test"} 1',
    );
    expect(shown).toMatch(
      /hybrid_sync_rpc_request_duration_seconds_count\{(service="test",)?endpoint="endpoint-3".*\} 3/,
    );
    expect(lines.join()).toContain('endpoint shows another deployment and is not used');
  });

  it.each<[string, Answer]>([
    [
      'an error that quotes the URL',
      (url) => ({ body: JSON.stringify({ id: null, error: { code: -1, message: `no ${url}` } }) }),
    ],
    [
      'an error that quotes it encoded',
      (url) => ({ body: JSON.stringify({ error: { message: encodeURIComponent(url), data: url.toUpperCase() } }) }),
    ],
    ['a page that quotes it', (url) => ({ status: 400, body: `<a href="${url}">${url}</a> has exceeded` })],
    ['a redirect to it', () => ({ status: 302, body: '' })],
  ])('keep their keys, whatever they say: %s', async (_, answer) => {
    const paths = [`/v3/${canary}`, `/?key=${canary}`];
    const urls = await Promise.all(paths.map((path) => endpoint(path, answer)));
    const { chain, lines, metrics } = opened(...urls, `http://${canary}.localhost:9/`);
    const failures = [await failureOf(readDeployment(chain, expected)), await failureOf(chain.block('latest'))];
    for (const failure of failures) expect(failure).toBeInstanceOf(RpcError);
    const shown = [
      ...failures.map((failure) => `${failure.message} ${failure.stack ?? ''}`),
      ...lines,
      await metrics(),
    ];
    expect(shown.join('\n').toLowerCase()).not.toContain(canary.toLowerCase());
    expect(await metrics()).toContain('hybrid_sync_rpc_errors_total{endpoint="endpoint-1"');
  });
});

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it did not fail'),
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
}
