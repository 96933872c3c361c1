import { afterEach, describe, expect, it } from '@jest/globals';
import { Endpoint } from './endpoint.js';
import { RpcError } from './rpc-error.js';
import type { RpcEvent } from './rpc-events.js';
import { BatchServer, type BatchReply } from '../testing/batch-server.js';
import { send } from '../testing/rpc-server.js';

const servers: BatchServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Setting {
  readonly endpoint: Endpoint;
  readonly server: BatchServer;
  readonly events: RpcEvent[];
}

async function setting(reply: BatchReply): Promise<Setting> {
  const server = await BatchServer.start(reply);
  servers.push(server);
  const events: RpcEvent[] = [];
  const endpoint = new Endpoint(server.url, 'endpoint-1', { observe: (event) => events.push(event) });
  return { endpoint, server, events };
}

function paramsOf(count: number): readonly (readonly [number])[] {
  return Array.from({ length: count }, (_, index) => [index] as const);
}

/** Every call is answered with its own parameter. */
const echoes: BatchReply = (calls) => calls.map(({ id, params }) => ({ id, result: params[0] }));

function upTo(most: number, refusal: BatchReply): BatchReply {
  return (calls, response) => (calls.length > most ? refusal(calls, response) : echoes(calls, response));
}

async function kindOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'answered',
    (error: unknown) => (error instanceof RpcError ? error.kind : error),
  );
}

const expected = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

describe('a batch', () => {
  it('gives the results in the order of the parameters, in few requests', async () => {
    const { endpoint, server, events } = await setting(echoes);
    expect(await endpoint.batch('eth_test', paramsOf(250))).toEqual(expected(250));
    expect(server.sizes.toSorted((a, b) => a - b)).toEqual([50, 100, 100]);
    expect(events.map(({ kind }) => kind)).toEqual(['answered', 'answered', 'answered']);
  });

  it('of nothing asks for nothing', async () => {
    const { endpoint, server } = await setting(echoes);
    expect(await endpoint.batch('eth_test', [])).toEqual([]);
    expect(server.sizes).toEqual([]);
  });

  it.each<[string, BatchReply]>([
    ['in another order', (calls, response) => answersOf(calls, response).toReversed()],
    ['with one missing', (calls, response) => answersOf(calls, response).slice(1)],
    ['with every third missing', (calls, response) => answersOf(calls, response).filter((_, index) => index % 3 > 0)],
    ['with one for nobody', (calls, response) => [{ id: 987_654, result: 'foreign' }, ...answersOf(calls, response)]],
    [
      'with one that comes twice and says two things',
      (calls, response) => [{ id: calls[0]?.id, result: 'lie' }, ...answersOf(calls, response)],
    ],
    ['with something among them', (calls, response) => [null, 7, 'x', {}, ...answersOf(calls, response)]],
    ['with null', (calls) => calls.map(({ id }) => ({ id, result: null }))],
  ])('is believed by id where its answers come %s', async (name, reply) => {
    const { endpoint } = await setting((calls, response) =>
      calls.length === 1 ? echoes(calls, response) : reply(calls, response),
    );
    const found = await endpoint.batch('eth_test', paramsOf(20));
    expect(found).toEqual(name === 'with null' ? expected(20).map(() => null) : expected(20));
  });

  it('asks again only for what is missing', async () => {
    let dropped = false;
    const { endpoint, server } = await setting((calls, response) => {
      const answers = answersOf(calls, response);
      if (dropped) return answers;
      dropped = true;
      return answers.slice(2);
    });
    expect(await endpoint.batch('eth_test', paramsOf(20))).toEqual(expected(20));
    expect(server.sizes).toEqual([20, 2]);
  });

  it.each<[string, BatchReply]>([
    [
      'an error',
      () => ({ id: null, error: { code: -32_600, message: 'batch of more than 3 requests are not allowed' } }),
    ],
    ['an error without an id', () => ({ error: { code: -32_601, message: 'batch requests are not supported' } })],
    ['an error with a text alone', () => ({ error: 'no batches here' })],
    ['status 413', answering(413, '<h1>Request Entity Too Large</h1>')],
    ['status 400', answering(400, 'bad request')],
    ['a page', answering(200, '<html>no</html>')],
    ['one answer', ([call]) => ({ id: call?.id, result: 7 })],
    ['no answers', () => []],
  ])('is made smaller where large ones are refused with %s, and that is remembered', async (_, refusal) => {
    const { endpoint, server, events } = await setting(upTo(3, refusal));
    expect(await endpoint.batch('eth_test', paramsOf(40))).toEqual(expected(40));
    const learnt = events.flatMap((event) => (event.kind === 'batch-limit' ? [event.calls] : []));
    expect(learnt.at(-1)).toBeLessThanOrEqual(3);
    server.sizes.length = 0;
    expect(await endpoint.batch('eth_test', paramsOf(40))).toEqual(expected(40));
    expect(Math.max(...server.sizes)).toBeLessThanOrEqual(3);
  });

  it('becomes single calls where none is taken', async () => {
    const { endpoint, server } = await setting(
      upTo(0, () => ({ error: { code: -32_600, message: 'invalid request' } })),
    );
    server.single = echoes;
    expect(await endpoint.batch('eth_test', paramsOf(30))).toEqual(expected(30));
    server.sizes.length = 0;
    expect(await endpoint.batch('eth_test', paramsOf(30))).toEqual(expected(30));
    expect(new Set(server.sizes)).toEqual(new Set([1]));
  });

  it('fails with the call that fails, and names the endpoint', async () => {
    const { endpoint } = await setting((calls, response) =>
      answersOf(calls, response).map((answer, index) =>
        index === 7 ? { id: calls[7]?.id, error: { code: -32_000, message: 'header not found' } } : answer,
      ),
    );
    await expect(endpoint.batch('eth_test', paramsOf(20))).rejects.toMatchObject({
      kind: 'unknown-block',
      label: 'endpoint-1',
    });
  });

  it('waits for what is too much at once, and keeps what it has', async () => {
    const { endpoint, server } = await setting((calls, response) =>
      answersOf(calls, response).map((answer, index) =>
        index < 5 ? answer : { id: calls[index]?.id, error: { code: 429, message: 'Too many requests' } },
      ),
    );
    expect(await endpoint.batch('eth_test', paramsOf(12))).toEqual(expected(12));
    expect(server.sizes.reduce((sum, size) => sum + size)).toBeLessThan(24);
  });

  it.each<[string, BatchReply, string]>([
    ['no answer at all', () => [], 'malformed'],
    ['an error to everything', () => ({ error: { message: 'internal error' } }), 'refused'],
  ])('is given up where there is %s', async (_, reply, kind) => {
    const { endpoint, server } = await setting(reply);
    server.single = reply;
    expect(await kindOf(endpoint.batch('eth_test', paramsOf(50)))).toBe(kind);
    expect(server.sizes.length).toBeLessThan(200);
  });
});

function answering(status: number, body: string): BatchReply {
  return (_, response) => {
    send(response, status, body);
    return undefined;
  };
}

function answersOf(...[calls]: Parameters<BatchReply>): readonly object[] {
  return calls.map(({ id, params }) => ({ id, result: params[0] }));
}
