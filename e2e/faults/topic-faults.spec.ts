import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { eventually } from '../eventually.js';
import { recordOf, type Draft } from '../projection/drafts.js';
import { revocations } from '../projection/revocations.js';
import { Servers } from '../projection/servers.js';
import { expectFolded } from '../projection/verdict.js';
import { World } from '../projection/world.js';

const patience = 180_000;
let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await Servers.start();
}, patience);
beforeEach(async () => {
  world = await World.on(servers);
  await world.start(1);
}, patience);
afterEach(() => world.close(), patience);
afterAll(() => servers.close(), patience);

const generations = z.array(z.object({ generation: z.number(), state: z.string(), reason: z.string() }));

async function served(): Promise<z.infer<typeof generations>[number] | undefined> {
  const rows = await world.database.query('select generation, state, reason from generations');
  return generations.parse(rows).find(({ state }) => state === 'active');
}

const configure = (...settings: readonly string[]): Promise<readonly string[]> =>
  servers.session.manage('configure', world.topic('revocations'), ...settings);

function records(kind: Draft['kind'], from: number, count: number): readonly ReturnType<typeof recordOf>[] {
  return Array.from({ length: count }, (_, index) =>
    recordOf({ kind, revocation: from + index, log: 0, source: 'batch' }),
  );
}

async function kept(): Promise<number> {
  return (await servers.session.reread(world.topic('revocations'))).length;
}

describe('a projector that was away while compaction dropped tombstones', () => {
  it(
    'for longer than they are kept folds the topic anew, and leaves no ghost (F50)',
    async () => {
      await world.write('revocations', revocations(0, 200));
      await expectFolded(world);
      await world.fleet.scale(0);
      await configure(
        'segment.ms=500',
        'min.cleanable.dirty.ratio=0.01',
        'min.compaction.lag.ms=0',
        'delete.retention.ms=1',
      );
      await world.write('revocations', records('tombstone', 0, 200));
      let filler = 1_000;
      await eventually(
        'compaction has dropped the tombstones',
        async () => {
          await world.write('revocations', revocations((filler += 20), 20));
          expect(await kept()).toBe(filler - 1_000);
        },
        60,
      );
      await configure('delete.retention.ms=604800000', 'min.cleanable.dirty.ratio=0.9');
      await world.database.query(`update applied_offsets set current_at = now() - interval '8 days'`);
      await world.fleet.scale(1);
      await eventually(
        'another generation is served',
        async () => {
          expect(await served()).toMatchObject({ reason: 'absence' });
        },
        60,
      );
      await expectFolded(world);
    },
    patience,
  );
});

describe('a revocation topic', () => {
  it(
    'whose first records are gone is folded anew from what is left, from its beginning and not from its end (F53)',
    async () => {
      await world.write('revocations', revocations(0, 400));
      await expectFolded(world);
      await world.fleet.scale(0);
      await world.write('revocations', revocations(1_000, 400));
      const [[partition, { end }] = [0, { end: 0 }]] = await world.ends('revocations');
      await configure('cleanup.policy=delete');
      await servers.session.manage('cut', world.topic('revocations'), String(partition), String(end));
      await configure('cleanup.policy=compact');
      await world.write('revocations', revocations(2_000, 400));
      await world.fleet.scale(1);
      await eventually(
        'another generation is served',
        async () => {
          expect(await served()).toMatchObject({ reason: 'topic-truncated' });
        },
        60,
      );
      await world.forget('revocations');
      await expectFolded(world);
    },
    patience,
  );

  it(
    'that was deleted and made again is folded anew, and nothing of the old one stays (F53)',
    async () => {
      await world.write('revocations', [...revocations(0, 400), ...records('not JSON', 0, 5)]);
      await expectFolded(world);
      await servers.session.remove(world.topic('revocations'));
      const settings = ['cleanup.policy=compact', 'delete.retention.ms=604800000'];
      await servers.session.manage('create', world.topic('revocations'), '8', '1', ...settings);
      await world.write('revocations', revocations(1_000, 300));
      await eventually(
        'another generation is served',
        async () => {
          expect(await served()).toMatchObject({ reason: 'topic-recreated' });
        },
        60,
      );
      await expectFolded(world);
    },
    patience,
  );
});
