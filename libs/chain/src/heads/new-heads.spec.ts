import { afterEach, describe, expect, it } from '@jest/globals';
import { followNewHeads } from './new-heads.js';
import { until } from '../testing/until.js';
import { WsServer, type WsManners } from '../testing/ws-server.js';

const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const head = '{"jsonrpc":"2.0","method":"eth_subscription","params":{}}';
const subscribed = '{"jsonrpc":"2.0","id":1,"result":"0x1"}';
const refused = '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no subscriptions here"}}';

interface Following {
  readonly server: WsServer;
  readonly stop: () => void;
  readonly seen: { heads: number; said: string[] };
}

async function following(greeting: string, manners: WsManners = 'polite'): Promise<Following> {
  const server = await WsServer.start(greeting);
  server.manners = manners;
  const controller = new AbortController();
  const seen: Following['seen'] = { heads: 0, said: [] };
  followNewHeads({
    url: server.url,
    signal: controller.signal,
    notify: () => (seen.heads += 1),
    lost: (reason) => seen.said.push(reason),
    back: () => seen.said.push('back'),
    timing: { attemptMs: 200, firstPauseMs: 5, longestPauseMs: 20, leastSilenceMs: 100, mostSilenceMs: 200 },
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
    expect(seen.said).toEqual(['disconnected', 'back', 'disconnected', 'back']);
    expect(server.openConnections).toBe(1);
  });

  it.each<WsManners>(['refusing', 'silent'])(
    'goes on when a server that is %s comes round, and says each once',
    async (manners) => {
      const { server, seen } = await following(head);
      await until(() => seen.heads === 1);
      server.manners = manners;
      server.drop();
      await until(() => server.connections >= 4);
      expect(seen).toEqual({ heads: 1, said: ['disconnected'] });
      server.manners = 'polite';
      await until(() => seen.heads >= 2);
      expect(seen.said.slice(0, 2)).toEqual(['disconnected', 'back']);
    },
  );

  it.each([
    ['does not answer the subscription', ''],
    ['refuses the subscription', refused],
    ['talks of something else', 'hello'],
    ['sends half a notice', '{"method":"eth_'],
  ])('tries again and again where the server %s, and says so once', async (_, greeting) => {
    const { server, seen } = await following(greeting);
    await until(() => server.connections >= 4);
    expect(seen).toEqual({ heads: 0, said: ['disconnected'] });
    server.greeting = subscribed;
    await until(() => seen.said.includes('back'));
  });

  it.each<WsManners>(['polite', 'deaf'])(
    'notices that a %s server has fallen silent, and when heads come again',
    async (manners) => {
      const { server, seen } = await following(subscribed, manners);
      await until(() => server.openConnections === 1);
      await until(() => {
        server.say(head);
        return seen.heads >= 2;
      });
      const before = server.connections;
      await until(() => server.connections >= before + 3);
      expect(seen.said).toEqual(['silent']);
      server.greeting = head;
      await until(() => seen.said.length > 1);
      expect(seen.said.slice(0, 2)).toEqual(['silent', 'back']);
    },
  );

  it('ends with its signal, and does not come back', async () => {
    const { server, seen, stop } = await following(head);
    await until(() => seen.heads === 1);
    stop();
    await until(() => server.openConnections === 0);
    expect([server.connections, seen.said]).toEqual([1, []]);
  });

  it('ends with its signal while it waits for a server', async () => {
    const { server, seen, stop } = await following('', 'silent');
    await until(() => server.openConnections === 1);
    stop();
    await until(() => server.openConnections === 0);
    expect([server.connections, seen.said]).toEqual([1, []]);
  });
});
