import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { hashOf } from '../../../domain/src/testing/arbitraries.js';
import { DeploymentIdentity } from './deployment-identity.js';
import type { Endpoint } from './endpoint.js';
import { EndpointPool } from './endpoint-pool.js';
import { RpcError } from './rpc-error.js';
import type { RpcEvent } from './rpc-events.js';
import { Node } from '../testing/node.js';
import { send, type Reply } from '../testing/rpc-server.js';
import { until } from '../testing/until.js';
import { contract } from '../testing/wire-shapes.js';
import { WrongDeploymentError } from './wrong-deployment.js';

const down = (): Reply => (response) => {
  send(response, 500, 'down');
};
const cut = (): Reply => (response) => {
  response.destroy();
};

interface Setting {
  readonly pool: EndpointPool;
  readonly nodes: readonly [Node, Node];
  readonly events: RpcEvent[];
  readonly pass: (ms: number) => void;
  readonly guarded: () => Promise<void>;
}

/** Two endpoints. The clock moves on when it is told to, and with real time; one that is slow sees timers end early. */
async function setting(speed = 1): Promise<Setting> {
  const nodes = [await Node.start(), await Node.start()] as const;
  const events: RpcEvent[] = [];
  let passed = 0;
  const clock = (): number => passed + performance.now() * speed;
  const pool = new EndpointPool(
    nodes.map(({ url }) => url),
    { observe: (event) => events.push(event), clock, random: () => 0 },
  );
  const identity = new DeploymentIdentity({ chainId: 31_337, contract, startBlock: 5 });
  return { pool, nodes, events, pass: (ms) => (passed += ms), guarded: () => pool.guard(identity) };
}

const ask = async (endpoint: Endpoint): Promise<string> =>
  `${endpoint.label} ${String(await endpoint.call('eth_test', []))}`;
const head = async (endpoint: Endpoint): Promise<{ readonly number: number }> => {
  const block = z.object({ number: z.string() }).parse(await endpoint.call('eth_getBlockByNumber', ['latest', false]));
  return { number: Number(block.number) };
};

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it did not fail'),
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
}

function said(events: readonly RpcEvent[], ...kinds: readonly RpcEvent['kind'][]): readonly string[] {
  return events.flatMap((event) =>
    kinds.includes(event.kind) && 'endpoint' in event ? [`${event.kind} ${event.endpoint}`] : [],
  );
}

describe('fail-over', () => {
  it('goes to another endpoint at once, and back when that one fails', async () => {
    const { pool, nodes, events } = await setting();
    expect(await pool.run(ask)).toBe('endpoint-1 answer');
    nodes[0].down = down;
    expect(await pool.run(ask)).toBe('endpoint-2 answer');
    nodes[0].down = null;
    expect(await pool.run(ask)).toBe('endpoint-2 answer');
    nodes[1].down = down;
    expect(await pool.run(ask)).toBe('endpoint-1 answer');
    expect(said(events, 'up', 'down')).toEqual(['down endpoint-1', 'down endpoint-2', 'up endpoint-1']);
  });

  it.each([1, 0.9])('waits for the only endpoint that is left to come round, at speed %p', async (speed) => {
    const { pool, nodes } = await setting(speed);
    nodes[1].down = down;
    let failures = 0;
    nodes[0].down = (call) => {
      failures += 1;
      if (failures < 2) return down();
      nodes[0].down = null;
      return { result: call.method };
    };
    expect(await pool.run(ask)).toBe('endpoint-1 eth_test');
  });

  it('leaves an endpoint alone for as long as it asks', async () => {
    const { pool, nodes, pass } = await setting();
    for (const node of nodes)
      node.down = () => (response) => {
        response.setHeader('retry-after', '60');
        send(response, 429, 'too many requests');
      };
    expect(await failureOf(pool.run(ask))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 60_000 });
    for (const node of nodes) node.down = null;
    const asked = nodes[0].asked + nodes[1].asked;
    expect(await failureOf(pool.run(ask))).toBeInstanceOf(RpcError);
    expect(nodes[0].asked + nodes[1].asked).toBe(asked);
    pass(61_000);
    expect(await pool.run(ask)).toBe('endpoint-1 answer');
  });

  it('does not retry what only a smaller range mends', async () => {
    const { pool, nodes } = await setting();
    nodes[0].down = () => ({ error: { message: 'block range too large, max is 10' } });
    expect(await failureOf(pool.run(ask))).toMatchObject({ kind: 'too-wide', maxBlocks: 9, label: 'endpoint-1' });
    expect([nodes[0].asked, nodes[1].asked]).toEqual([1, 0]);
  });

  it('asks another endpoint where the caller disbelieves the answer, and thinks less of the first', async () => {
    const { pool } = await setting();
    const disbelieve = async (endpoint: Endpoint): Promise<string> => {
      if (endpoint.label === 'endpoint-1') throw new RpcError('malformed', 'eth_test', 'not believed');
      return ask(endpoint);
    };
    expect(await pool.run(disbelieve)).toBe('endpoint-2 answer');
    expect(await pool.run(ask)).toBe('endpoint-2 answer');
  });

  it('asks excepted endpoints only where nothing else is there', async () => {
    const { pool, nodes } = await setting();
    expect(await pool.run(ask, { except: ['endpoint-1'] })).toBe('endpoint-2 answer');
    expect(await pool.run(ask)).toBe('endpoint-1 answer');
    nodes[1].down = down;
    expect(await pool.run(ask, { except: ['endpoint-1'] })).toBe('endpoint-1 answer');
    expect(await pool.run(ask, { except: ['endpoint-1', 'endpoint-2'] })).toBe('endpoint-1 answer');
  });

  it('retries a connection that breaks off, at the same endpoint', async () => {
    const { pool, nodes, events } = await setting();
    let cuts = 0;
    nodes[0].down = (call) => ((cuts += 1) % 3 > 0 ? cut() : { result: call.method });
    for (let call = 0; call < 5; call += 1) expect(await pool.run(ask)).toBe('endpoint-1 eth_test');
    expect(said(events, 'down')).toEqual([]);
    expect(said(events, 'retried')).toHaveLength(10);
  });
});

describe('who an endpoint is', () => {
  it('is checked before its first use, and not again while nothing happens', async () => {
    const { pool, nodes, guarded } = await setting();
    await guarded();
    await pool.run(ask);
    await pool.run(ask);
    expect(nodes.map(({ checked }) => checked)).toEqual([1, 1]);
  });

  it('is checked again after a connection was lost, and every five minutes', async () => {
    const { pool, nodes, guarded, pass } = await setting();
    await guarded();
    nodes[0].down = cut;
    expect(await pool.run(ask)).toBe('endpoint-2 answer');
    nodes[0].down = null;
    expect(await pool.run(ask, { except: ['endpoint-2'] })).toBe('endpoint-1 answer');
    expect(nodes.map(({ checked }) => checked)).toEqual([2, 1]);
    pass(301_000);
    await pool.run(ask);
    expect(nodes[1].checked).toBe(2);
  });

  it('is checked again before an answer counts, where the connection was lost on the way', async () => {
    const { pool, nodes, guarded } = await setting();
    await guarded();
    let cuts = 0;
    nodes[0].down = (call) => {
      cuts += 1;
      nodes[0].chainId = '0x5';
      nodes[0].down = null;
      return cuts === 1 ? cut() : { result: call.method };
    };
    expect(await pool.run(ask)).toBe('endpoint-2 answer');
  });

  it.each<[string, (node: Node) => void, RegExp]>([
    ['another chain', (node) => (node.chainId = '0x5'), /chain 5 and not 31337/],
    ['another start block', (node) => (node.startHash = hashOf(7)), /another start block 5/],
  ])(
    'decides: one that shows %s is set aside, and used again when it shows the right one',
    async (_, change, reason) => {
      const { pool, nodes, events, guarded, pass } = await setting();
      await guarded();
      const [{ chainId, startHash }] = nodes;
      change(nodes[0]);
      pass(301_000);
      expect(await pool.run(ask)).toBe('endpoint-2 answer');
      expect(said(events, 'set-aside')).toEqual(['set-aside endpoint-1']);
      expect(await pool.run(ask, { except: ['endpoint-2'] })).toBe('endpoint-2 answer');
      nodes[1].down = down;
      expect(await failureOf(pool.run(ask))).toBeInstanceOf(RpcError);
      change(nodes[1]);
      nodes[1].down = null;
      pass(301_000);
      await until(async () => (await failureOf(pool.run(ask))) instanceof WrongDeploymentError);
      expect((await failureOf(pool.run(ask))).message).toMatch(reason);
      Object.assign(nodes[0], { chainId, startHash });
      pass(11_000);
      await until(async () => (await pool.run(ask).catch(() => '')) === 'endpoint-1 answer');
      expect(said(events, 'up').at(-1)).toBe('up endpoint-1');
    },
  );

  it('stops the start where every endpoint that answers is wrong', async () => {
    const { nodes, guarded } = await setting();
    nodes[0].chainId = '0x5';
    nodes[1].down = down;
    expect(await failureOf(guarded())).toBeInstanceOf(WrongDeploymentError);
    nodes[1].down = null;
    await guarded();
  });

  it('is waited for where no endpoint answers, or none has the start block yet', async () => {
    const { nodes, guarded } = await setting();
    for (const node of nodes) node.down = down;
    expect(await failureOf(guarded())).toMatchObject({ kind: 'unreachable' });
    for (const node of nodes)
      node.down = ({ method }) =>
        method === 'eth_getBlockByNumber' ? { result: null } : { result: method === 'eth_chainId' ? '0x7a69' : '0x' };
    expect(await failureOf(guarded())).toMatchObject({ kind: 'unknown-block' });
  });
});

describe('the head', () => {
  it('of an endpoint that stands still is held against that of the others', async () => {
    const { pool, nodes, pass } = await setting();
    expect(await pool.head('latest', head)).toEqual({ number: 100 });
    nodes[1].head = 110;
    pass(6_000);
    await until(async () => (await pool.head('latest', head)).number === 110);
  });

  it('does not go back to that of a node that lags', async () => {
    const { pool, nodes, pass } = await setting();
    [nodes[0].head, nodes[1].head] = [100, 97];
    expect(await pool.head('latest', head)).toEqual({ number: 100 });
    nodes[0].down = down;
    expect(await failureOf(pool.head('latest', head))).toBeInstanceOf(RpcError);
    nodes[1].head = 100;
    pass(1_000);
    expect(await pool.head('latest', head)).toEqual({ number: 100 });
    nodes[1].head = 99;
    nodes[0].down = null;
    pass(1_000);
    expect(await pool.head('latest', head)).toEqual({ number: 100 });
  });

  it('goes back where the endpoint that showed the highest one says so', async () => {
    const { pool, nodes } = await setting();
    expect(await pool.head('latest', head)).toEqual({ number: 100 });
    [nodes[0].head, nodes[1].head] = [98, 97];
    expect(await pool.head('latest', head)).toEqual({ number: 98 });
    nodes[1].head = 99;
    expect(await pool.head('latest', head)).toEqual({ number: 98 });
  });

  it('goes back where nobody shows the highest one again for a minute', async () => {
    const { pool, nodes, pass } = await setting();
    nodes[0].head = 1_000_000;
    expect(await pool.head('latest', head)).toEqual({ number: 1_000_000 });
    nodes[0].down = down;
    expect(await failureOf(pool.head('latest', head))).toBeInstanceOf(RpcError);
    pass(61_000);
    expect(await pool.head('latest', head)).toEqual({ number: 100 });
  });
});
