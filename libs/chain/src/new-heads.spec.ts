import { afterEach, describe, expect, it } from '@jest/globals';
import { followNewHeads } from './new-heads.js';
import { until } from './testing/until.js';
import { WsServer } from './testing/ws-server.js';

const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const head = '{"jsonrpc":"2.0","method":"eth_subscription","params":{}}';

interface Following {
  readonly server: WsServer;
  readonly stop: () => void;
  readonly seen: { heads: number; losses: number };
}

async function following(greeting: string): Promise<Following> {
  const server = await WsServer.start(greeting);
  const controller = new AbortController();
  const seen = { heads: 0, losses: 0 };
  followNewHeads({
    url: server.url,
    signal: controller.signal,
    notify: () => (seen.heads += 1),
    lost: () => (seen.losses += 1),
    reconnectPauseMs: 10,
  });
  const stop = (): void => {
    controller.abort();
  };
  stops.push(() => server.close(), stop);
  return { server, seen, stop };
}

describe('following new heads', () => {
  it('goes on over a new connection when the server drops the socket, and says so', async () => {
    const { server, seen } = await following(head);
    await until(() => seen.heads === 1);
    server.drop();
    await until(() => seen.heads === 2);
    server.drop();
    await until(() => seen.heads === 3);
    expect(seen.losses).toBe(2);
    expect(server.openConnections).toBe(1);
  });

  it('goes on when the server comes back later', async () => {
    const { server, seen } = await following(head);
    await until(() => seen.heads === 1);
    server.accepting = false;
    server.drop();
    await until(() => seen.losses >= 3);
    expect(seen.heads).toBe(1);
    server.accepting = true;
    await until(() => seen.heads === 2);
  });

  it.each(['{"jsonrpc":"2.0","id":1,"result":"0x1"}', 'hello', '{"method":"eth_'])(
    'takes no notice of %s',
    async (text) => {
      const { server, seen } = await following(text);
      await until(() => server.connections === 1);
      server.drop();
      await until(() => server.connections === 2);
      expect(seen.heads).toBe(0);
    },
  );

  it('ends with its signal, and does not come back', async () => {
    const { server, seen, stop } = await following(head);
    await until(() => seen.heads === 1);
    stop();
    await until(() => server.openConnections === 0);
    expect([server.connections, seen.losses]).toEqual([1, 0]);
  });
});
