import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { startTcpProxy, type Cut, type TcpProxy } from './tcp-proxy.js';

let echo: Server;
let proxy: TcpProxy;
const heard: string[] = [];

beforeAll(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard.push(String(bytes));
      socket.write(bytes);
    });
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  proxy = await startTcpProxy(typeof address === 'object' ? (address?.port ?? 0) : 0);
});
afterEach(() => {
  proxy.heal();
  proxy.reset();
  heard.length = 0;
});
afterAll(async () => {
  await proxy.close();
  echo.close();
});

function cutAt(text: string, cut: Cut): (bytes: Buffer) => Cut | null {
  return (bytes) => (String(bytes).includes(text) ? cut : null);
}

async function connected(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

async function asked(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  return heardNext(socket);
}

async function heardNext(socket: Socket): Promise<string> {
  const emitted: unknown[] = await once(socket, 'data');
  return String(emitted[0]);
}

/** A reset counts as well. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

describe('a TCP proxy', () => {
  it('carries bytes both ways', async () => {
    const socket = await connected();
    expect(await asked(socket, 'begin')).toBe('begin');
    socket.end();
    await closed(socket);
  });

  it('ends both connections before what it is to cut at, which the server never hears', async () => {
    proxy.set({ cut: cutAt('commit', 'before') });
    const socket = await connected();
    await asked(socket, 'begin');
    socket.write('commit');
    await closed(socket);
    expect(heard).toEqual(['begin']);
  });

  it('ends both connections after it, so that the caller never hears the answer', async () => {
    proxy.set({ cut: cutAt('commit', 'after') });
    const socket = await connected();
    await asked(socket, 'begin');
    const answers: unknown[] = [];
    socket.on('data', (bytes) => answers.push(bytes));
    socket.write('commit');
    await closed(socket);
    expect(answers).toEqual([]);
    while (heard.length < 2) await new Promise(setImmediate);
    expect(heard).toEqual(['begin', 'commit']);
  });

  it('holds what it is to hold until it is healed', async () => {
    proxy.set({ cut: cutAt('commit', 'hold') });
    const socket = await connected();
    await asked(socket, 'begin');
    socket.write('commit');
    while (proxy.held === 0) await new Promise(setImmediate);
    expect(heard).toEqual(['begin']);
    proxy.heal();
    expect(await heardNext(socket)).toBe('commit');
    expect(proxy.held).toBe(0);
  });

  it('freezes the connections that there are, and carries the next one', async () => {
    const socket = await connected();
    await asked(socket, 'begin');
    proxy.freeze();
    socket.write('lost');
    expect(await asked(await connected(), 'next')).toBe('next');
    expect(heard).toEqual(['begin', 'next']);
  });

  it('swallows everything, resets everything, and refuses', async () => {
    const socket = await connected();
    await asked(socket, 'begin');
    proxy.set({ blackHole: true });
    socket.write('lost?');
    const late = await connected();
    expect(heard).toEqual(['begin']);
    proxy.heal();
    await heardNext(socket);
    expect(heard).toEqual(['begin', 'lost?']);
    const ends = [closed(socket), closed(late)];
    proxy.reset();
    await Promise.all(ends);
    proxy.set({ refuse: true });
    const refused = connect(proxy.port, '127.0.0.1');
    refused.on('error', () => undefined);
    await closed(refused);
  });
});
