import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RealSurroundings } from '../../../libs/ingest/src/testing/real-surroundings.js';
import { ServiceChild } from '../../../libs/ingest/src/testing/service-child.js';
import { until } from '../../../libs/ingest/src/testing/until.js';

/** Small queries and a pass every second, so that whatever is done to a process happens in the middle of one. */
const settings = { BATCH_SYNC_SIZE: '5', BATCH_SYNC_INTERVAL_MINUTES: '0.016' };

let around: RealSurroundings;
let lockId: bigint;
const twins: ServiceChild[] = [];

async function startTwin(): Promise<void> {
  twins.push(await ServiceChild.start('ingest-batch', around, settings));
}

beforeAll(async () => {
  around = await RealSurroundings.start();
  lockId = await around.registry.registerLock();
  for (let number = 0; number < 5; number += 1) {
    await around.registry.revoke(lockId, `before ${number}`);
    await around.rpc('anvil_mine', ['0x40']);
  }
  await startTwin();
  await startTwin();
}, 60_000);
afterAll(async () => {
  await Promise.all(twins.map((twin) => twin.end('SIGKILL')));
  await around.node.stop();
});

/** Resolves when exactly one of the last two says that it is active. */
async function theTwo(): Promise<{ readonly active: ServiceChild; readonly standby: ServiceChild }> {
  const [one, other] = twins.slice(-2);
  if (one === undefined || other === undefined) throw new Error('there are two');
  await until(() => one.isActive !== other.isActive);
  return one.isActive ? { active: one, standby: other } : { active: other, standby: one };
}

function count(twin: ServiceChild | undefined, message: 'pass done' | 'lease changed'): number {
  return twin?.lines.filter((line) => line.includes(`"${message}"`)).length ?? 0;
}

/** Resolves when the process has come to the end of one more pass. */
async function nextPass(twin: ServiceChild): Promise<void> {
  const before = count(twin, 'pass done');
  await until(() => count(twin, 'pass done') > before);
}

/** So many passes of each while the active one made three, and the lease stayed where it was: joining moves it. */
async function passesOfThree(): Promise<{ readonly active: number; readonly standby: number }> {
  for (;;) {
    const { active, standby } = await theTwo();
    const changes = (): number => count(active, 'lease changed') + count(standby, 'lease changed');
    const passes = (): { active: number; standby: number } => ({
      active: count(active, 'pass done'),
      standby: count(standby, 'pass done'),
    });
    const [changed, before] = [changes(), passes()];
    await until(() => changes() !== changed || passes().active >= before.active + 3);
    const after = passes();
    if (changes() === changed) return { active: after.active - before.active, standby: after.standby - before.standby };
  }
}

describe('two of ingest-batch', () => {
  it('F33: one of them stands by, and publishes nothing', async () => {
    await around.untilInStep();
    expect(await passesOfThree()).toEqual({ active: 3, standby: 0 });
    expect(await around.recordCount(around.topics.revocations)).toBe(5);
  }, 60_000);

  it('the other one goes on when the active one is killed', async () => {
    const { active, standby } = await theTwo();
    await around.registry.revoke(lockId, 'right before the end');
    await active.end('SIGKILL');
    await around.registry.revoke(lockId, 'after it');
    await until(() => standby.isActive);
    await around.untilInStep();
    expect(await around.live()).toHaveLength(7);
    twins.splice(twins.indexOf(active), 1);
    await startTwin();
  }, 90_000);

  it('F32: the other one goes on when the active one is stopped, and what wakes up does no harm', async () => {
    const { active: stopped, standby } = await theTwo();
    await around.registry.revoke(lockId, 'dropped later');
    await around.untilInStep();
    await stopped.pause();
    await until(() => standby.isActive);
    await around.rpc('anvil_reorg', [1, []]);
    await around.rpc('anvil_mine', ['0x2']);
    await around.registry.revoke(lockId, 'while one is stopped');
    await around.untilInStep();
    stopped.resume();
    await until(() => stopped.lines.filter((line) => line.includes('"lease changed"')).length >= 2);
    const { active } = await theTwo();
    await around.registry.revoke(lockId, 'after all');
    await nextPass(active);
    await around.untilInStep();
    expect(await around.live()).toHaveLength(9);
  }, 120_000);
});
