import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { testServers } from '@hybrid-sync/devstack';
import type { Database } from '@hybrid-sync/store';
import type { ServiceProcess } from '../../../libs/runtime/src/testing/service-process.js';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { openDatabase } from '../../../libs/store/src/testing/test-store.js';
import { Deployment } from './testing/deployment.js';
import { logOf, revoked } from './testing/records.js';

const patience = 120_000;
let deployment: Deployment;
let other: Database;

beforeEach(async () => {
  deployment = await Deployment.create();
  other = openDatabase(deployment.store.url);
}, patience);
afterEach(async () => {
  await other.close();
  await deployment.drop();
}, patience);

const query = (sql: string): Promise<readonly Record<string, unknown>[]> => deployment.store.rows(sql);

async function publish(from: number, count: number): Promise<void> {
  const written = Array.from({ length: count }, (_, index) => revoked(logOf(1, from + index)));
  const records = written.map(({ key, value }) => ({ key: String(key), value: Buffer.from(value ?? '') }));
  await deployment.publisher.publish(deployment.topics.revocations, records);
}

/** Nobody writes revocations until the work is done. */
function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  return other.transaction(async (transaction) => {
    await transaction.query('lock table revocations_a in share mode');
    return work();
  });
}

function untilSaid(process: ServiceProcess, message: string, times: number): Promise<true> {
  return until(() => (process.lines.filter((line) => line.message === message).length >= times ? true : undefined));
}

async function isReady(management: string): Promise<readonly unknown[]> {
  const body: unknown = await (await fetch(`${management}/readyz`)).json();
  const [ready, reasons]: unknown[] = ['ready', 'reasons'].map((name): unknown => Reflect.get(Object(body), name));
  return [ready, reasons];
}

async function metric(management: string, name: string): Promise<number> {
  const text = await (await fetch(`${management}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('a projector whose database stalls', () => {
  it(
    'keeps its partitions for longer than the session of a silent one lasts, and applies everything once',
    async () => {
      await publish(0, 50);
      const { process, management } = await deployment.start();
      await deployment.applied();
      const before = process.lines.length;
      await whileLocked(async () => {
        await publish(50, 50);
        // A statement is given up after 8 s, and the session of a silent member after 10 s.
        await untilSaid(process, 'batch could not be applied, retrying', 2);
      });
      await deployment.applied();
      expect(await query('select sum(revocations)::integer as n from revocation_counts')).toEqual([{ n: 100 }]);
      expect(await query('select from dead_letters')).toEqual([]);
      expect(process.lines.slice(before).map(({ message }) => message)).not.toContain('consumer is restarted');
      expect(await metric(management, 'hybrid_sync_stale_batches_total')).toBe(0);
      expect(await metric(management, 'hybrid_sync_rows_written_total')).toBe(100);
      expect(await process.stop()).toBe(0);
    },
    patience,
  );

  it(
    'ends in time although a statement hangs, and leaves nothing half done',
    async () => {
      const { process } = await deployment.start();
      await whileLocked(async () => {
        await publish(0, 50);
        await until(async () =>
          (await query(`select from pg_locks where not granted`)).length > 0 ? true : undefined,
        );
        expect(await process.stop()).toBe(0);
      });
      expect(await query('select from revoked_signatures')).toEqual([]);
      await deployment.start();
      await deployment.applied();
      expect(await query('select sum(revocations)::integer as n from revocation_counts')).toEqual([{ n: 50 }]);
    },
    patience,
  );

  it(
    'is not ready while its database takes no connection, and is again by itself',
    async () => {
      const { management } = await deployment.start();
      await until(async () => ((await isReady(management))[0] === true ? true : undefined));
      const name = new URL(deployment.store.url).pathname.slice(1);
      const server = openDatabase(testServers().databaseUrl);
      await server.query(`alter database "${name}" allow_connections false`);
      await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
      await until(async () => ((await isReady(management))[0] === false ? true : undefined));
      expect(await isReady(management)).toEqual([false, ['database']]);
      await server.query(`alter database "${name}" allow_connections true`);
      await server.close();
      await until(async () => ((await isReady(management))[0] === true ? true : undefined));
    },
    patience,
  );
});
