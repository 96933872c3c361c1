import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.js';
import { revocations } from '../projection/revocations.js';
import { Servers } from '../projection/servers.js';
import { smallDisk, type SmallDisk } from '../projection/small-disk.js';
import { expectFolded } from '../projection/verdict.js';
import { World } from '../projection/world.js';

const patience = 300_000;
let ofKafka: SmallDisk;
let ofPostgres: SmallDisk;
let servers: Servers;
let world: World;

beforeAll(async () => {
  [ofKafka, ofPostgres] = await Promise.all([smallDisk(96), smallDisk(224)]);
  servers = await Servers.start({
    kafkaDirectory: `${ofKafka.directory}/kafka`,
    postgresDirectory: `${ofPostgres.directory}/postgres`,
    settings: { max_wal_size: '64MB', min_wal_size: '32MB' },
  });
  world = await World.on(servers);
  await world.start(2);
  await world.watch();
}, patience);
afterAll(async () => {
  await world.close().finally(() => servers.close());
  await Promise.all([ofKafka.remove(), ofPostgres.remove()]);
}, patience);

describe('a disk that is full', () => {
  it(
    'under Postgres stops the projector, which puts nothing aside for that, and goes on when there is room (F64)',
    async () => {
      await ofPostgres.fill(1);
      for (let part = 0; part < 10; part++) await world.write('revocations', revocations(1_000 + 2_000 * part, 2_000));
      await eventually(
        'the database has no room',
        () => {
          expect(world.fleet.lines.join('\n')).toMatch(/No space left on device|53100|database system/);
        },
        60,
      );
      await sleep(5_000);
      await ofPostgres.relieve();
      // A server that could not write its log has ended.
      await servers.killPostgres();
      await servers.startPostgres();
      await expectFolded(world);
      expect(await world.database.query('select from dead_letters')).toEqual([]);
    },
    patience,
  );

  it(
    'under Kafka costs no record that was acknowledged (F47)',
    async () => {
      await ofKafka.fill(2);
      const writing = (async () => {
        for (let part = 0; part < 6; part++)
          await world.write('revocations', revocations(50_000 + 2_000 * part, 2_000));
      })();
      await Promise.race([writing.catch(() => undefined), sleep(20_000)]);
      await ofKafka.relieve();
      const [node] = servers.nodes;
      await node?.kill();
      await node?.start();
      await writing;
      await expectFolded(world);
    },
    patience,
  );
});
