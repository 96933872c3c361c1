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

  it('correct what one of them writes that slept until everything was final', async () => {
    await around.registry.revoke(lockId, 'gone for good');
    await around.untilInStep();
    const { active: stopped, standby } = await theTwo();
    const written = await around.latest(around.topics.revocations);
    await stopped.pause();
    await until(() => standby.isActive);
    await around.rpc('anvil_reorg', [1, []]);
    await around.rpc('anvil_mine', ['0x2']);
    await around.untilInStep();
    const live = await around.live();
    const [gone] = [...(await around.latest(around.topics.revocations))].filter(([, value]) =>
      value.includes('retracted'),
    );
    const [stays] = [...written].filter(([key]) => live.some((line) => line.startsWith(key)));
    await around.rpc('anvil_mine', ['0x64']);
    await until(async () => settledTo(await around.latest(around.topics.status)) > 40);
    stopped.resume();
    await theTwo();
    // What it had in its hands when it was stopped: a revocation that is none any more, and the retraction of one that is.
    const [, retraction] = gone ?? [];
    const [key, value] = stays ?? [];
    if (gone === undefined || key === undefined || value === undefined) throw new Error('both were written');
    await around.write(around.topics.revocations, { key: gone[0], value: written.get(gone[0]) ?? '' });
    await around.write(around.topics.revocations, { key, value: retraction ?? '' });
    expect(await around.live()).not.toEqual(live);
    await around.untilInStep();
    expect(await around.live()).toEqual(live);
  }, 180_000);
});

function settledTo(statuses: ReadonlyMap<string, string>): number {
  return Number(/"settledTo":(\d+)/.exec(statuses.get('ingest-realtime') ?? '')?.[1] ?? 0);
}
