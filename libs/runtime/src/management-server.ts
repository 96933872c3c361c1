import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Metrics } from './metrics.js';

export interface ManagementOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** Why the service is not ready; empty where it is. */
  readonly unreadyReasons: () => readonly string[];
}

/** Serves /livez, /readyz and /metrics, for the platform and never for callers. Resolves when it listens. */
export function serveManagement(options: ManagementOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => response.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      resolve(server);
    });
  });
}

async function answer(options: ManagementOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (request.url?.split('?')[0]) {
    case '/livez':
      send(response, 200, { live: true });
      return;
    case '/readyz': {
      const reasons = options.unreadyReasons();
      send(response, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
      return;
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': options.metrics.contentType });
      response.end(await options.metrics.metrics());
      return;
    default:
      send(response, 404, { status: 404 });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
