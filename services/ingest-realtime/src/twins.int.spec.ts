import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RealSurroundings } from '../../../libs/ingest/src/testing/real-surroundings.js';
import { ServiceChild } from '../../../libs/ingest/src/testing/service-child.js';
import { until } from '../../../libs/ingest/src/testing/until.js';

let around: RealSurroundings;
let lockId: bigint;
const twins: ServiceChild[] = [];

beforeAll(async () => {
  around = await RealSurroundings.start();
  lockId = await around.registry.registerLock();
  twins.push(await ServiceChild.start('ingest-realtime', around), await ServiceChild.start('ingest-realtime', around));
}, 60_000);
afterAll(async () => {
  await Promise.all(twins.map((twin) => twin.end('SIGKILL')));
  await around.node.stop();
});

/** Resolves when exactly one of the two says that it is active. */
async function theTwo(): Promise<{ readonly active: ServiceChild; readonly standby: ServiceChild }> {
  const [one, other] = twins;
  if (one === undefined || other === undefined) throw new Error('there are two');
  await until(() => one.isActive !== other.isActive);
  return one.isActive ? { active: one, standby: other } : { active: other, standby: one };
}

describe('two of ingest-realtime', () => {
  it('take over from each other when one is stopped, and what wakes up does no harm', async () => {
    await around.registry.revoke(lockId, 'first');
    await around.untilInStep();
    const { active: stopped, standby } = await theTwo();
    await around.registry.revoke(lockId, 'dropped later');
    await stopped.pause();
    await until(() => standby.isActive);
    await around.rpc('anvil_reorg', [1, []]);
    await around.rpc('anvil_mine', ['0x2']);
    await around.registry.revoke(lockId, 'while one is stopped');
    await around.untilInStep();
    stopped.resume();
    await until(() => stopped.lines.filter((line) => line.includes('"lease changed"')).length >= 2);
    await theTwo();
    await around.registry.revoke(lockId, 'after all');
    await around.untilInStep();
    expect(await around.live()).toHaveLength(3);
    expect(twins.flatMap(({ lines }) => lines).filter((line) => line.includes('violation'))).toEqual([]);
  }, 120_000);
});
