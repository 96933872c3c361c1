import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What becomes of bytes that a caller sends: both connections end before or after these are handed on, or they wait. */
export type Cut = 'before' | 'after' | 'hold';

export interface TcpFaults {
  /** New connections end at once. */
  readonly refuse?: boolean;
  /** Connections are taken, and nothing passes in either direction until the proxy is healed. */
  readonly blackHole?: boolean;
  readonly latencyMs?: number;
  /** Asked for everything that a caller sends; null lets it pass. */
  readonly cut?: (bytes: Buffer) => Cut | null;
}

/** Stands between a caller and a server of any protocol, and does to their connections what it is told. */
export interface TcpProxy {
  readonly port: number;
  /** How many connections wait because of `cut` at this moment. */
  readonly held: number;
  /** In place of the faults so far. What waits goes on only when the proxy is healed. */
  set(faults: TcpFaults): void;
  /** No faults any more; what waited passes. */
  heal(): void;
  /** Resets every connection that there is. */
  reset(): void;
  /** Nothing passes any more on the connections that there are, and neither end is told. New ones are fine. */
  freeze(): void;
  close(): Promise<void>;
}

/** @param target port of the server on 127.0.0.1 */
export async function startTcpProxy(target: number, port = 0): Promise<TcpProxy> {
  const desk = new Desk(target);
  const server = createServer((caller) => {
    desk.join(caller);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server.address()),
    get held() {
      return desk.held;
    },
    set: (faults) => {
      desk.faults = faults;
    },
    heal: () => {
      desk.heal();
    },
    reset: () => {
      desk.reset();
    },
    freeze: () => {
      desk.freeze();
    },
    close: async () => {
      desk.heal();
      server.close();
      desk.reset();
      await once(server, 'close');
    },
  };
}

class Desk {
  faults: TcpFaults = {};
  held = 0;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  readonly #frozen = new WeakSet<Socket>();
  #healed = Promise.withResolvers<undefined>();

  constructor(target: number) {
    this.#target = target;
  }

  heal(): void {
    this.faults = {};
    this.#healed.resolve(undefined);
    this.#healed = Promise.withResolvers();
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  freeze(): void {
    for (const socket of this.#sockets) this.#frozen.add(socket);
  }

  join(caller: Socket): void {
    if (this.faults.refuse === true) {
      caller.resetAndDestroy();
      return;
    }
    const server = connect(this.#target, '127.0.0.1');
    for (const socket of [caller, server]) this.#keep(socket);
    void this.#carry(caller, server, (bytes) => this.faults.cut?.(bytes) ?? null);
    void this.#carry(server, caller, () => null);
  }

  /** Errors end in `close`, and one end's close in the other's. */
  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay();
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async #carry(from: Socket, to: Socket, cut: (bytes: Buffer) => Cut | null): Promise<void> {
    from.on('close', () => {
      if (this.#frozen.has(from)) return;
      if (from.errored === null) to.end();
      else to.resetAndDestroy();
    });
    for await (const bytes of chunksOf(from)) {
      const verdict = cut(bytes);
      await this.#delayed(verdict);
      if (this.#frozen.has(from)) await new Promise(() => undefined);
      if (verdict === 'before') {
        from.destroy();
        to.destroy();
        return;
      }
      await written(to, bytes);
      if (verdict !== 'after') continue;
      to.end();
      from.resetAndDestroy();
      return;
    }
  }

  async #delayed(verdict: Cut | null): Promise<void> {
    if (this.faults.latencyMs !== undefined) await sleep(this.faults.latencyMs);
    if (verdict === 'hold') {
      this.held += 1;
      await this.#healed.promise;
      this.held -= 1;
    }
    while (this.faults.blackHole === true) await this.#healed.promise;
  }
}

async function* chunksOf(socket: Socket): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of socket) if (Buffer.isBuffer(chunk)) yield chunk;
  } catch {
    // Whoever carries on sees it as a closed connection.
  }
}

function written(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (!socket.writable) resolve();
    else
      socket.write(bytes, () => {
        resolve();
      });
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return address.port;
}
