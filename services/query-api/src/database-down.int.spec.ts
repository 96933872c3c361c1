import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startPostgres, type Postgres } from '@hybrid-sync/devstack';
import { migrate } from '@hybrid-sync/store';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf } from '../../../libs/domain/src/testing/arbitraries.js';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { Monitor } from './testing/monitor.js';

const patience = 60_000;
let directory: string;
let postgres: Postgres;
let monitor: Monitor;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hybrid-sync-database-down-'));
  postgres = await startPostgres({ dataDir: directory });
  await migrate(postgres.url, () => undefined);
  monitor = await Monitor.start(postgres.url);
}, patience);
afterAll(async () => {
  await monitor.process.stop();
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}, patience);

it(
  'answers 503 without a word about the database while that is down, and goes on when it is back',
  async () => {
    const paths = ['health', 'stats', 'lock/7/stats', 'lock/7/revocations', `lock/7/signature/${hashOf(7)}/revoked`];
    expect((await monitor.ask('health')).status).toBe(200);
    await postgres.kill();
    for (const path of paths) {
      const { status, headers, body } = await monitor.ask(path);
      expect([status, headers.get('retry-after'), headers.get('cache-control')]).toEqual([503, '1', 'no-store']);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body).toEqual({
        type: 'urn:hybrid-sync:problem:unavailable',
        title: 'The answer cannot be given right now',
        status: 503,
        code: 'unavailable',
        timestamp: expect.any(String),
      });
    }
    await until(async () => ((await fetch(`${monitor.management}/readyz`)).status === 503 ? true : undefined));
    expect((await fetch(`${monitor.management}/livez`)).status).toBe(200);
    postgres = await startPostgres({ dataDir: directory });
    await until(async () => ((await monitor.ask('health')).status === 200 ? true : undefined));
  },
  patience,
);
