import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KafkaNode } from '@hybrid-sync/devstack';
import { revocations } from '../projection/revocations.js';
import { Servers } from '../projection/servers.js';
import { expectFolded } from '../projection/verdict.js';
import { World } from '../projection/world.js';

const patience = 180_000;
let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await Servers.start({ brokers: 3 });
  world = await World.on(servers);
  await world.start(2);
  await world.watch();
}, patience);
afterAll(async () => {
  await world.close().finally(() => servers.close());
}, patience);

async function controller(): Promise<KafkaNode | undefined> {
  const [id] = await servers.session.manage('controller');
  return servers.nodes.find(({ nodeId }) => String(nodeId) === id);
}

/** While the brokers are gone, and after they are back. */
async function without(nodes: readonly (KafkaNode | undefined)[], meanwhile: () => Promise<unknown>): Promise<void> {
  await Promise.all(nodes.map(async (node) => node?.kill()));
  // Where too few brokers are left nothing is acknowledged before they are back.
  const written = meanwhile();
  written.catch(() => undefined);
  await Promise.all(nodes.map(async (node) => node?.start()));
  await written;
}

describe('of three brokers', () => {
  it(
    'the leader of a partition killed with kill -9 costs no record and no order (F41)',
    async () => {
      await world.write('revocations', revocations(1_000, 500));
      const leader = await servers.leader(world.topic('revocations'), 0);
      await without([leader], () => world.write('revocations', revocations(2_000, 500)));
      await expectFolded(world);
    },
    patience,
  );

  it(
    'two that are gone stop everything, and it goes on by itself when they are back (F42, F56)',
    async () => {
      const leader = await servers.leader(world.topic('revocations'), 1);
      const other = servers.nodes.find(({ nodeId }) => nodeId !== leader.nodeId);
      await without([leader, other], () => world.write('revocations', revocations(3_000, 500)));
      await expectFolded(world);
    },
    patience,
  );

  it(
    'the controller killed with kill -9 is done without (F56)',
    async () => {
      await without([await controller()], () => world.write('revocations', revocations(4_000, 500)));
      await expectFolded(world);
    },
    patience,
  );

  it(
    'all killed at once come back with every record that was acknowledged (F40)',
    async () => {
      await world.write('revocations', revocations(5_000, 2_000));
      await without(servers.nodes, () => world.write('revocations', revocations(7_000, 500)));
      await expectFolded(world);
      for (const index of [0, 1]) expect(world.fleet.process(index).isRunning).toBe(true);
    },
    patience,
  );
});
