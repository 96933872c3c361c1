import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { WebSocketServer } from 'ws';
import { FaultDesk } from './fault-proxy-desk.js';
import type { Faults, ProxiedCall } from './fault-proxy-faults.js';
import { answerHttp } from './fault-proxy-http.js';
import { answerSocket } from './fault-proxy-socket.js';
import { freePort } from './free-port.js';

/** Stands between a caller and a JSON-RPC node, and does to their talk what it is told. */
export interface FaultProxy {
  /** On loopback; any path and query may follow, and is not handed on to the node. */
  readonly url: string;
  /** The same over WebSocket. */
  readonly wsUrl: string;
  /** The calls that came, batches taken apart, since the start or {@link forget}. */
  readonly calls: readonly ProxiedCall[];
  /** In place of the faults so far. What has begun (a hanging call) goes on as it began. */
  set(faults: Faults): void;
  /** No faults any more. */
  heal(): void;
  forget(): void;
  close(): Promise<void>;
}

/** @param targetUrl of the node, http; its WebSocket is taken to be at the same address */
export async function startFaultProxy(targetUrl: string): Promise<FaultProxy> {
  const port = await freePort();
  const desk = new FaultDesk(targetUrl);
  const { server, sockets } = serverOf(desk);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const set = (faults: Faults): void => {
    desk.faults = faults;
    if (faults.wsClose === true || faults.refuseConnections === true) drop(sockets);
    if (faults.refuseConnections === true) shut(server);
    else if (!server.listening) server.listen(port, '127.0.0.1');
  };
  return {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    get calls() {
      return desk.calls;
    },
    set,
    heal: () => {
      set({});
    },
    forget: () => {
      desk.calls = [];
    },
    close: async () => {
      drop(sockets);
      const closed = once(server, 'close');
      shut(server);
      await closed;
    },
  };
}

interface Doors {
  readonly server: Server;
  readonly sockets: WebSocketServer;
}

function serverOf(desk: FaultDesk): Doors {
  const server = createServer((request, response) => {
    answerHttp(desk, request, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (desk.faults.wsClose === true || desk.faults.status !== undefined) socket.destroy();
    else {
      sockets.handleUpgrade(request, socket, head, (caller) => {
        sockets.emit('connection', caller, request);
      });
    }
  });
  sockets.on('connection', (caller, request) => {
    answerSocket(desk, caller, request.url ?? '/');
  });
  return { server, sockets };
}

function drop(sockets: WebSocketServer): void {
  for (const socket of sockets.clients) socket.terminate();
}

/** The port is given back at once; whoever connects meanwhile is told that nothing listens. */
function shut(server: Server): void {
  server.close();
  server.closeAllConnections();
}
