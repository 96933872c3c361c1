import { connect, createServer, type Server, type Socket } from 'node:net';

/** In front of a server: passes everything on until it is told to keep the server's words to itself. */
export class CutConnection {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #deafTo: string | null = null;
  #cutAt: string | null = null;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async before(url: string): Promise<{ readonly cut: CutConnection; readonly url: string }> {
    const { hostname, port } = new URL(url);
    const cut = new CutConnection(createServer());
    cut.#server.on('connection', (client) => {
      cut.#pass(client, connect(Number(port), hostname));
    });
    await new Promise<void>((listening) => cut.#server.listen(0, '127.0.0.1', listening));
    const address = cut.#server.address();
    const through = new URL(url);
    if (address !== null && typeof address === 'object') through.host = `127.0.0.1:${address.port}`;
    return { cut, url: through.href };
  }

  /** The next answer to a statement with this text is lost, and with it the connection. */
  cutAt(text: string): void {
    this.#cutAt = text;
  }

  /** From the next statement with this text on nothing of its connection is answered. */
  deafTo(text: string): void {
    this.#deafTo = text;
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
    this.#server.close();
  }

  #pass(client: Socket, server: Socket): void {
    let [cut, deaf] = [false, false];
    this.#clients.add(client);
    client.on('data', (bytes) => {
      cut ||= this.#cutAt !== null && bytes.includes(this.#cutAt);
      deaf ||= this.#deafTo !== null && bytes.includes(this.#deafTo);
      if (cut) this.#cutAt = null;
      if (deaf) this.#deafTo = null;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (cut) client.destroy();
      else if (!deaf) client.write(bytes);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => {
        if (!deaf) other.destroy();
      });
    }
  }
}
