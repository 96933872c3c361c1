import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startChain, type Chain } from './chain.js';
import { startFaultProxy, type FaultProxy } from './fault-proxy.js';
import { wrongChainId } from './fault-proxy-refusals.js';
import { rpcCall } from './rpc-call.js';

let node: Chain;
let proxy: FaultProxy;

beforeAll(async () => {
  node = await startChain();
  proxy = await startFaultProxy(node.url);
}, 30_000);
afterEach(() => {
  proxy.heal();
});
afterAll(async () => {
  await proxy.close();
  await node.kill();
});

describe('a WebSocket through a fault proxy', () => {
  async function connect(): Promise<{ readonly socket: WebSocket; readonly heard: string[] }> {
    const socket = new WebSocket(`${proxy.wsUrl}/ws/key`);
    const heard: string[] = [];
    socket.on('message', (data: Buffer) => heard.push(data.toString('utf8')));
    await once(socket, 'open');
    return { socket, heard };
  }

  function send(socket: WebSocket, id: number, method: string, params: readonly unknown[] = []): void {
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  it('carries calls, tampered with, and notices, until they are swallowed', async () => {
    const { socket, heard } = await connect();
    proxy.set({ answer: wrongChainId(5) });
    send(socket, 1, 'eth_chainId');
    await once(socket, 'message');
    expect(heard[0]).toContain('"0x5"');
    proxy.heal();
    send(socket, 2, 'eth_subscribe', ['newHeads']);
    await once(socket, 'message');
    await rpcCall(node.url, 'anvil_mine', ['0x1']);
    await once(socket, 'message');
    expect(heard[2]).toContain('eth_subscription');
    proxy.set({ wsSilent: true });
    await rpcCall(node.url, 'anvil_mine', ['0x1']);
    send(socket, 3, 'eth_chainId');
    await once(socket, 'message');
    expect(heard).toHaveLength(4);
    expect(heard[3]).toContain('"id":3');
    socket.close();
    await once(socket, 'close');
    expect(proxy.calls.map(({ method, via, path }) => [method, via, path])).toContainEqual([
      'eth_subscribe',
      'ws',
      '/ws/key',
    ]);
  });

  it('is dropped, and refused until the proxy is healed', async () => {
    const { socket } = await connect();
    const closed = once(socket, 'close');
    proxy.set({ wsClose: true });
    expect((await closed)[0]).toBe(1006);
    await expect(connect()).rejects.toThrow();
    proxy.heal();
    const { socket: again } = await connect();
    again.terminate();
  });
});
