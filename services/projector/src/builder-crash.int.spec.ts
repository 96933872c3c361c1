import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openConnection, startPostgres, type Postgres } from '@hybrid-sync/devstack';
import { migrate, type Database } from '@hybrid-sync/store';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { openDatabase } from '../../../libs/store/src/testing/test-store.js';
import { builderOf, rebuild } from './testing/building.js';
import { Deployment } from './testing/deployment.js';
import { many, publish } from './testing/revocation-rows.js';

const patience = 90_000;
let dataDir: string;
let deployment: Deployment;
let postgres: Postgres;
let database: Database;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hybrid-sync-postgres-'));
  [deployment, postgres] = await Promise.all([Deployment.create(), startPostgres({ dataDir })]);
  await migrate(postgres.url, () => undefined);
  database = openDatabase(postgres.url);
}, patience);
afterEach(async () => {
  await database.close();
  await postgres.kill();
  await deployment.drop();
  await rm(dataDir, { recursive: true, force: true });
}, patience);

async function numberFrom(sql: string): Promise<number> {
  const { rows } = await database.query<{ n: number }>(`select (${sql})::integer as n`);
  return Number(rows[0]?.n);
}

it(
  'gives all rows although the server was killed before they were on its disk',
  async () => {
    const count = 5_000;
    await publish(deployment, many(0, count));
    const holder = await openConnection(postgres.url);
    await holder.query('begin');
    await holder.query('lock table active_generation in row exclusive mode');
    const interrupted = rebuild(builderOf(deployment, database));
    interrupted.catch(() => undefined);
    const applied = 'select coalesce(sum(next_offset), 0) from applied_offsets where generation = 2';
    await until(async () => ((await numberFrom(applied)) > 0 ? true : undefined));
    await postgres.kill();
    await expect(interrupted).rejects.toThrow();
    await holder.close();

    postgres = await startPostgres({ dataDir });
    expect(await numberFrom(applied)).toBe(await numberFrom('select count(*) from revocations_b'));
    expect(await rebuild(builderOf(deployment, database))).toMatchObject({
      kind: 'switched',
      generation: { generation: 2 },
    });
    expect(await numberFrom('select count(*) from revoked_signatures')).toBe(count);
    expect(await numberFrom('select sum(revocations) from revocation_counts')).toBe(count);
  },
  patience,
);
