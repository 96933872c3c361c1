import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordOf } from '../projection/drafts.js';
import { revocations } from '../projection/revocations.js';
import { Servers } from '../projection/servers.js';
import { expectFolded } from '../projection/verdict.js';
import { World } from '../projection/world.js';

const patience = 180_000;
let servers: Servers;
let world: World;
let written = 0;

beforeAll(async () => {
  servers = await Servers.start();
  world = await World.on(servers);
  await world.start(2);
  await world.watch();
  await world.write('revocations', revocations(0, 20_000));
}, patience);
afterAll(async () => {
  await world.close().finally(() => servers.close());
}, patience);

/** Revocations, retractions and what nobody can read, without a pause, while the work goes on. */
async function underTraffic(work: () => Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const traffic = (async () => {
    while (!over.signal.aborted) {
      const from = 100_000 + 100 * written++;
      const gone = Array.from({ length: 5 }, (_, index) =>
        recordOf({ kind: index === 0 ? 'not JSON' : 'retracted', revocation: from + index, log: 0, source: null }),
      );
      await world.write('revocations', [...revocations(from, 20), ...gone]);
      await sleep(50);
    }
  })();
  await work().finally(() => {
    over.abort();
  });
  await traffic;
}

async function ran(...args: readonly string[]): Promise<void> {
  const program = world.program('rebuild.js');
  program.start({}, args);
  expect([await program.ended(120), program.tail()]).toEqual([{ code: 0, signal: null }, expect.any(String)]);
}

describe('a rebuild under traffic', () => {
  it(
    'is seen by nobody: no row is missing, and no offset goes back, there and back again (F62)',
    async () => {
      await underTraffic(async () => {
        await ran();
        await ran('--switch-back');
        await ran();
      });
      await expectFolded(world);
      expect(world.answers).toBeGreaterThan(100);
    },
    patience,
  );
});
