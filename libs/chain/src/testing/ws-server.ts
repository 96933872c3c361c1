import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** How a WebSocket server treats who connects. `silent`: not even the handshake; `deaf`: it hears no close. */
export type WsManners = 'polite' | 'refusing' | 'silent' | 'deaf';

/** A WebSocket server that says one text to whoever connects, and drops connections when it is told to. */
export class WsServer {
  readonly #server: Server;
  readonly #open = new Set<Duplex>();
  connections = 0;
  manners: WsManners = 'polite';
  /** Said to whoever connects. */
  greeting: string;
  url = '';

  private constructor(greeting: string) {
    this.greeting = greeting;
    this.#server = createServer();
    this.#server.on('upgrade', ({ headers }, socket) => {
      this.connections += 1;
      if (this.manners === 'refusing') {
        socket.destroy();
        return;
      }
      this.#open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#open.delete(socket));
      socket.on('end', () => socket.end());
      socket.on('data', (frame: Buffer) => {
        if (isClose(frame) && this.manners !== 'deaf') socket.end();
      });
      if (this.manners === 'silent') return;
      socket.write(handshake(headers['sec-websocket-key'] ?? ''));
      if (this.greeting !== '') socket.write(textFrame(this.greeting));
    });
  }

  static async start(greeting: string): Promise<WsServer> {
    const server = new WsServer(greeting);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    const address = server.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
    server.url = `ws://127.0.0.1:${address.port}`;
    return server;
  }

  get openConnections(): number {
    return this.#open.size;
  }

  /** To all who are connected. */
  say(text: string): void {
    for (const socket of this.#open) socket.write(textFrame(text));
  }

  /** As a server that dies: no closing handshake. */
  drop(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.drop();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function handshake(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** One unmasked frame of at most 125 bytes. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, payload.byteLength]), payload]);
}

function isClose(frame: Buffer): boolean {
  return ((frame[0] ?? 0) & 0x0f) === 8;
}
