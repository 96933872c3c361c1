import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** A WebSocket server that says one text to whoever connects, and drops connections when it is told to. */
export class WsServer {
  readonly #server: Server;
  readonly #open = new Set<Duplex>();
  connections = 0;
  accepting = true;
  url = '';

  private constructor(greeting: string) {
    this.#server = createServer();
    this.#server.on('upgrade', ({ headers }, socket) => {
      if (!this.accepting) {
        socket.destroy();
        return;
      }
      this.connections += 1;
      this.#open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#open.delete(socket));
      socket.on('data', (frame: Buffer) => {
        if (isClose(frame)) socket.end();
      });
      socket.write(handshake(headers['sec-websocket-key'] ?? ''));
      socket.write(textFrame(greeting));
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
