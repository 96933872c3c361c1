import { pipeline, Readable } from 'node:stream';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Endpoint } from './endpoint.js';
import { RpcError } from './rpc-error.js';
import type { EndpointLimits } from './rpc-transport.js';
import { RpcServer, send, type Reply } from '../testing/rpc-server.js';

const servers: RpcServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serverThat(reply: Reply): Promise<RpcServer> {
  const server = await RpcServer.start(() => reply);
  servers.push(server);
  return server;
}

async function failureOf(url: string, limits: Partial<EndpointLimits> = {}): Promise<RpcError> {
  try {
    await new Endpoint(url, 'endpoint-1', { limits }).call('eth_test', []);
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error('the call did not fail');
}

async function failureBy(reply: Reply, limits: Partial<EndpointLimits> = {}): Promise<RpcError> {
  return failureOf((await serverThat(reply)).url, limits);
}

/** Writes spaces until all is written or the client has had enough; says how many bytes were asked for by then. */
function flood(totalBytes: number): { readonly reply: Reply; readonly written: Promise<number> } {
  const { promise: written, resolve } = Promise.withResolvers<number>();
  let bytes = 0;
  const spaces = function* (): Generator<Buffer> {
    for (; bytes < totalBytes; bytes += 65_536) yield Buffer.alloc(65_536, 32);
  };
  const reply: Reply = (response) => {
    pipeline(Readable.from(spaces()), response, () => {
      resolve(bytes);
    });
  };
  return { reply, written };
}

describe('a call', () => {
  it('gives the result, null included', async () => {
    expect(await new Endpoint((await serverThat({ result: '0x7a69' })).url, 'endpoint-1').call('eth_chainId', [])).toBe(
      '0x7a69',
    );
    expect(
      await new Endpoint((await serverThat({ result: null })).url, 'endpoint-1').call('eth_getBlock', []),
    ).toBeNull();
  });

  it('takes a result that comes with an empty error', async () => {
    const server = await serverThat((response, { id }) => {
      send(response, 200, { jsonrpc: '2.0', id, result: '0x1', error: null });
    });
    expect(await new Endpoint(server.url, 'endpoint-1').call('eth_test', [])).toBe('0x1');
  });

  it('gives up an answer that does not begin within the deadline', async () => {
    expect(await failureBy(() => undefined, { deadlineMs: 100 })).toMatchObject({ kind: 'too-slow' });
  });

  it('gives up an answer that begins but is not complete within the deadline', async () => {
    const drip: Reply = (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => {
        clearInterval(timer);
      });
    };
    expect(await failureBy(drip, { deadlineMs: 150 })).toMatchObject({ kind: 'too-slow' });
  });

  it('does not read an answer beyond the cap', async () => {
    const { reply, written } = flood(500_000_000);
    expect(await failureBy(reply, { maxAnswerBytes: 100_000 })).toMatchObject({ kind: 'too-large' });
    expect(await written).toBeLessThan(50_000_000);
  });

  it('does not begin to read an answer that is announced to be beyond the cap', async () => {
    const announced: Reply = (response) => {
      response.writeHead(200, { 'content-length': 100_001 }).write('{');
    };
    expect(await failureBy(announced, { maxAnswerBytes: 100_000, deadlineMs: 5_000 })).toMatchObject({
      kind: 'too-large',
    });
  });

  it.each<[string, Reply, string]>([
    [
      'an HTML page with status 200',
      (response) => {
        send(response, 200, '<html>maintenance</html>');
      },
      'malformed',
    ],
    [
      'truncated JSON',
      (response) => {
        send(response, 200, '{"jsonrpc":"2.0","id":1,"result":{"number":"0x1');
      },
      'malformed',
    ],
    [
      'JSON that is not JSON-RPC',
      (response) => {
        send(response, 200, '"hello"');
      },
      'malformed',
    ],
    [
      'the answer to another call',
      (response) => {
        send(response, 200, { id: 999, result: '0x1' });
      },
      'malformed',
    ],
    [
      'an answer without an id',
      (response) => {
        send(response, 200, { result: '0x1' });
      },
      'malformed',
    ],
    [
      'neither a result nor an error',
      (response, { id }) => {
        send(response, 200, { id });
      },
      'malformed',
    ],
    [
      'HTTP status 500',
      (response) => {
        send(response, 500, 'oops');
      },
      'unreachable',
    ],
    [
      'HTTP status 404 with JSON',
      (response) => {
        send(response, 404, { message: 'no such project' });
      },
      'unreachable',
    ],
    ['an error', { error: { code: -32_005, message: 'limit exceeded' } }, 'refused'],
    [
      'an error with HTTP status 500',
      (response) => {
        send(response, 500, { id: null, error: { code: -32_000 } });
      },
      'refused',
    ],
    [
      'a connection that is cut',
      (response) => {
        response.destroy();
      },
      'unreachable',
    ],
  ])('does not believe %s', async (_, reply, kind) => {
    expect(await failureBy(reply)).toMatchObject({ kind, method: 'eth_test' });
  });

  it('does not follow a redirect', async () => {
    const elsewhere = await serverThat({ result: '0x1' });
    const redirect: Reply = (response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    };
    expect(await failureBy(redirect)).toMatchObject({ kind: 'unreachable' });
    expect(elsewhere.calls).toHaveLength(0);
  });

  it('says why nobody answers', async () => {
    const server = await RpcServer.start(() => ({ result: '0x1' }));
    await server.close();
    expect(await failureOf(server.url)).toMatchObject({
      kind: 'unreachable',
      message: 'eth_test at endpoint-1: ECONNREFUSED',
    });
  });
});

describe('the URL of an endpoint', () => {
  const secret = 'c4narySecret';
  const shapes = [`/v3/${secret}`, `/${secret}/mainnet`, `/?key=${secret}`, `/rpc?network=main&apikey=${secret}`];
  const canaryHost = 'canary-host.localhost';

  /** Everything that a log line or a debugger could show of an error. */
  function shown(error: Error): string {
    return `${error.message} ${error.stack ?? ''} ${inspect(error, { depth: 9, showHidden: true })}`;
  }

  it.each(shapes)('stands in no failure of %s', async (path) => {
    const replies: Reply[] = [
      (response) => {
        send(response, 500, `project ${secret} is over its limit`);
      },
      (response) => {
        send(response, 200, `<p>${secret}</p>`);
      },
      (response) => {
        response.destroy();
      },
      (response) => {
        response.writeHead(302, { location: `/${secret}` }).end();
      },
      () => undefined,
    ];
    for (const reply of replies) {
      const { url } = await serverThat(reply);
      expect(shown(await failureOf(`${url}${path}`, { deadlineMs: 100 }))).not.toContain(secret);
    }
  });

  it.each(shapes)('is taken out of what the endpoint of %s says', async (path) => {
    let url = '';
    const server = await RpcServer.start(() => ({
      error: { code: -32_000, message: `key ${secret} is unknown: ${url}${path}, ${url.slice(7)}${path}, ${path}` },
    }));
    servers.push(server);
    url = server.url;
    const failure = await failureOf(`${url}${path}`);
    expect(failure.kind).toBe('refused');
    expect(shown(failure)).not.toContain(secret);
    expect(shown(failure)).not.toContain(url.slice(7));
    expect(failure.message).toContain('is unknown');
  });

  it('does not show by the name of a host that cannot be reached', async () => {
    const server = await RpcServer.start(() => ({ result: null }));
    await server.close();
    const failure = await failureOf(server.url.replace('127.0.0.1', canaryHost));
    expect(failure.kind).toBe('unreachable');
    expect(shown(failure)).not.toContain('canary');
  });

  it('lets no control character and no endless text through', async () => {
    const failure = await failureBy({ error: { message: `\u001b[31mred\u0007\n${'x'.repeat(100_000)}` } });
    expect(failure.message).not.toMatch(/[\u0000-\u001f]/);
    expect(failure.message.length).toBeLessThan(400);
  });
});
