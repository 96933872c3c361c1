import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Server } from 'node:http';
import { serveManagement, type ManagementOptions } from './management-server.js';
import { Counter, createMetrics } from './metrics.js';

let server: Server;
let base: string;
let reasons: readonly string[] = [];
const metrics = createMetrics('fixture');
const options: ManagementOptions = { host: '127.0.0.1', port: 0, metrics, unreadyReasons: () => reasons };

beforeAll(async () => {
  server = await serveManagement(options);
  const address = server.address();
  base = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function ask(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${base}${path}`);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return { status: response.status, body: await response.json() };
}

describe('the management port', () => {
  it('says that the process lives, ready or not', async () => {
    reasons = ['starting'];
    expect(await ask('/livez')).toEqual({ status: 200, body: { live: true } });
  });

  it('says whether the service is ready, and why not', async () => {
    reasons = [];
    expect(await ask('/readyz?verbose')).toEqual({ status: 200, body: { ready: true, reasons: [] } });
    reasons = ['not-synced', 'stale'];
    expect(await ask('/readyz')).toEqual({ status: 503, body: { ready: false, reasons: ['not-synced', 'stale'] } });
  });

  it('serves what is counted, with the name of the service', async () => {
    new Counter({ name: 'things_total', help: 'Things.', registers: [metrics] }).inc(3);
    const response = await fetch(`${base}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('things_total{service="fixture"} 3');
  });

  it('knows nothing else, and does not repeat what was asked', async () => {
    expect(await ask('/<script>')).toEqual({ status: 404, body: { status: 404 } });
  });

  it('refuses a port that is taken', async () => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(serveManagement({ ...options, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
