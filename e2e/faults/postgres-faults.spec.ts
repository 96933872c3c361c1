import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openConnection } from '@hybrid-sync/devstack';
import { eventually } from '../eventually.js';
import type { HttpAnswer } from '../monitor-client.js';
import { identityOf } from '../projection/drafts.js';
import { revocations } from '../projection/revocations.js';
import { Servers } from '../projection/servers.js';
import { expectFolded } from '../projection/verdict.js';
import { World } from '../projection/world.js';

const patience = 120_000;
let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await Servers.start();
  world = await World.on(servers);
  await world.start(2);
  await world.watch();
}, patience);
afterAll(async () => {
  await world.close().finally(() => servers.close());
}, patience);

describe('Postgres', () => {
  it(
    'killed with kill -9 again and again under load loses nothing that was applied (F63)',
    async () => {
      for (let round = 0; round < 3; round++) {
        await world.write('revocations', revocations(1_000 * (round + 1), 1_000));
        await servers.killPostgres();
        await world.write('revocations', revocations(5_000 + 100 * round, 100));
        await servers.startPostgres();
      }
      await expectFolded(world);
      for (const index of [0, 1]) expect(world.fleet.process(index).isRunning).toBe(true);
    },
    patience,
  );

  it(
    'that ends every connection is connected to again',
    async () => {
      for (let round = 0; round < 5; round++) {
        await world.write('revocations', revocations(10_000 + 100 * round, 100));
        await servers.terminateBackends(world.database.url);
      }
      await expectFolded(world);
    },
    patience,
  );

  it(
    'with a table that somebody locks is waited for, by the same members of the group (F66)',
    async () => {
      const holder = await openConnection(world.database.url);
      await holder.query('begin');
      await holder.query('lock table applied_offsets in access exclusive mode');
      const before = [0, 1].map((index) => world.fleet.process(index).lines.length);
      await world.write('revocations', revocations(20_000, 2_000));
      await holder.query('select pg_sleep(15)');
      await holder.query('commit');
      await holder.close();
      await expectFolded(world);
      const since = [0, 1].flatMap((index) => world.fleet.process(index).lines.slice(before[index]));
      expect(since.filter((line) => line.includes('consumer is restarted'))).toEqual([]);
    },
    patience,
  );

  it(
    'with a table that somebody locks makes no caller wait for it, and answers when it is free again (F66)',
    async () => {
      const api = await world.api();
      const { lockId, signatureHash } = identityOf(20_000);
      const ask = (): Promise<HttpAnswer> => api.ask(lockId, signatureHash, '?allowStale=true');
      expect(await ask()).toMatchObject({ status: 200, body: { isRevoked: true } });
      const holder = await openConnection(world.database.url);
      await holder.query('begin');
      await holder.query('lock table revocations_a, revocations_b in access exclusive mode');
      // None of them waits for ever: the client gives up after 10 s.
      const answers = await Promise.all(Array.from({ length: 60 }, ask));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
      await holder.query('commit');
      await holder.close();
      await eventually('answers are given again', async () => {
        expect(await ask()).toMatchObject({ status: 200, body: { isRevoked: true } });
      });
    },
    patience,
  );
});
