import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { cutCommits } from '../projection/commits.js';
import { recordOf } from '../projection/drafts.js';
import { revocations } from '../projection/revocations.js';
import { Servers } from '../projection/servers.js';
import { appliedOffsets } from '../projection/tables.js';
import { expectFolded } from '../projection/verdict.js';
import { World } from '../projection/world.js';

const patience = 120_000;
let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await Servers.start();
  world = await World.on(servers);
  await world.start(1);
  await world.watch();
}, patience);
afterEach(() => {
  servers.proxy.heal();
});
afterAll(async () => {
  await world.close().finally(() => servers.close());
}, patience);

const query = (sql: string): Promise<readonly unknown[]> => world.database.query(sql);
const rowsAndOffsets = async (): Promise<readonly unknown[]> => [
  await query('select count(*) from revoked_signatures'),
  await query('select count(*) from dead_letters'),
  await appliedOffsets(query),
];

/** A batch with something in it for every table. */
function batch(from: number): readonly ReturnType<typeof recordOf>[] {
  const kinds = ['retracted', 'tombstone', 'not JSON', 'other chain'] as const;
  const others = kinds.map((kind, index) => recordOf({ kind, revocation: from + index, log: 0, source: null }));
  return [...revocations(from, 300), ...others];
}

async function heldAtCommit(): Promise<void> {
  await eventually('a commit is held up', () => {
    expect(servers.proxy.held).toBeGreaterThan(0);
  });
}

describe('a projector that is killed', () => {
  it(
    'before the server has heard of its commit leaves nothing of the batch behind (F58)',
    async () => {
      await expectFolded(world);
      const before = await rowsAndOffsets();
      servers.proxy.set({ cut: cutCommits('hold', Infinity) });
      await world.write('revocations', batch(1_000));
      await heldAtCommit();
      await world.fleet.process(0).kill();
      servers.proxy.reset();
      servers.proxy.heal();
      expect(await rowsAndOffsets()).toEqual(before);
      await expectFolded(world);
    },
    patience,
  );

  it(
    'after its commit, and before Kafka has heard of it, doubles nothing when it is back (F59)',
    async () => {
      const before = await rowsAndOffsets();
      // Only the first commit gets through: everything after it waits.
      let passed = 0;
      const hold = cutCommits('hold', Infinity);
      servers.proxy.set({ cut: (bytes) => (hold(bytes) === null || passed++ === 0 ? null : 'hold') });
      await world.write('revocations', batch(2_000));
      await heldAtCommit();
      await world.fleet.process(0).kill();
      servers.proxy.reset();
      servers.proxy.heal();
      expect(await rowsAndOffsets()).not.toEqual(before);
      await expectFolded(world);
    },
    patience,
  );

  it(
    'lets what is committed to Kafka catch up with what is applied (F59)',
    async () => {
      await world.write('revocations', revocations(3_000, 100));
      await expectFolded(world);
      const group = world.groupId;
      await eventually('the group has committed what was applied', async () => {
        const lines = await servers.session.manage('committed', group);
        const ends = [...(await world.ends('revocations'))].filter(([, { end }]) => end > 0);
        const wanted = ends.map(([partition, { end }]) => `${world.topic('revocations')} ${partition} ${end}`);
        expect(lines).toEqual(expect.arrayContaining(wanted));
      });
    },
    patience,
  );
});

describe('a projector whose connection ends in the middle of a commit', () => {
  it.each(['before', 'after'] as const)(
    '%s the server has heard of it applies the batch once',
    async (when) => {
      servers.proxy.set({ cut: cutCommits(when, 3) });
      for (let part = 0; part < 4; part++) await world.write('revocations', batch(4_000 + 1_000 * part));
      await expectFolded(world);
    },
    patience,
  );

  it(
    'or freezes for good, without a word, goes on over another one',
    async () => {
      servers.proxy.set({ cut: cutCommits('hold', Infinity) });
      await world.write('revocations', batch(9_000));
      await heldAtCommit();
      servers.proxy.freeze();
      servers.proxy.heal();
      await expectFolded(world);
    },
    patience,
  );
});

describe('a projector that stands still in the middle of a transaction', () => {
  it(
    'holds up nobody, and writes nothing when it wakes up (F61)',
    async () => {
      servers.proxy.set({ cut: cutCommits('hold', 1) });
      await world.write('revocations', batch(10_000));
      await heldAtCommit();
      const sleeper = world.fleet.process(0);
      await sleeper.pause();
      await world.fleet.scale(2);
      await world.write('revocations', batch(11_000));
      await eventually('the other one has taken everything over', () => world.requireApplied(), 90);
      servers.proxy.heal();
      sleeper.resume();
      await world.write('revocations', batch(12_000));
      await expectFolded(world);
      expect(sleeper.isRunning).toBe(true);
    },
    patience,
  );
});

describe('projectors that come and go', () => {
  it(
    'apply each offset once in effect, and no older record after a newer one (F60)',
    async () => {
      for (let round = 0; round < 6; round++) {
        const storm = Array.from({ length: 40 }, (_, index) =>
          recordOf({
            kind: index % 3 === 0 ? 'retracted' : 'revoked',
            revocation: index % 7,
            log: round,
            source: 'batch',
          }),
        );
        await world.write('revocations', [...storm, ...revocations(20_000 + 100 * round, 100)]);
        await world.fleet.scale(1 + ((round + 1) % 3));
      }
      await expectFolded(world);
    },
    patience,
  );
});
