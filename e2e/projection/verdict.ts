import { expect } from '@jest/globals';
import { z } from 'zod';
import { eventually } from '../eventually.js';
import { deployment } from './drafts.js';
import { expectTables } from './expect-tables.js';
import type { Query } from './tables.js';
import type { World } from './world.js';

const patienceSeconds = 90;

/** Waits until everything is applied and no rebuild is under way, and compares every table with the topics. */
export async function expectFolded(world: World): Promise<void> {
  await eventually('everything is applied', () => standsStill(world), patienceSeconds);
  const [revocations, statuses, entries] = await Promise.all([
    world.read('revocations'),
    world.read('status'),
    world.read('entries'),
  ]);
  const [{ generation }] = z
    .tuple([z.object({ generation: z.number() })])
    .parse(await query(world)('select generation from active_generation'));
  await expectTables({
    query: query(world),
    deployment,
    topics: { revocations: world.topic('revocations'), status: world.topic('status'), entries: world.topic('entries') },
    revocations,
    retained: await world.servers.session.reread(world.topic('revocations')),
    statuses,
    entries,
    ends: new Map([...(await world.ends('revocations'))].map(([partition, { end }]) => [partition, end])),
    rebuilt: generation > 1,
  });
  expect(world.wronglyMissing).toEqual([]);
}

async function standsStill(world: World): Promise<void> {
  world.fleet.keepUp();
  try {
    await world.requireApplied();
    const building = await query(world)(`select generation from generations where state = 'building'`);
    if (building.length > 0) throw new Error('a generation is being built');
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${world.fleet.tails()}`, {
      cause: error,
    });
  }
}

function query({ database }: World): Query {
  return (sql, values) => database.query(sql, values);
}
