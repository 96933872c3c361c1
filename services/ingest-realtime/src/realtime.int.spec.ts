import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RealSurroundings } from '../../../libs/ingest/src/testing/real-surroundings.js';
import { canary, ServiceChild } from '../../../libs/ingest/src/testing/service-child.js';

let around: RealSurroundings;
let lockId: bigint;
const children: ServiceChild[] = [];

beforeAll(async () => {
  around = await RealSurroundings.start();
  lockId = await around.registry.registerLock();
  await start();
}, 60_000);
afterAll(async () => {
  await Promise.all(children.map((child) => child.end('SIGKILL')));
  await around.node.stop();
});

async function start(): Promise<ServiceChild> {
  const child = await ServiceChild.start('ingest-realtime', around);
  children.push(child);
  return child;
}

function running(): ServiceChild {
  const child = children.at(-1);
  if (child === undefined) throw new Error('no child was started');
  return child;
}

describe('ingest-realtime as a process', () => {
  it('publishes what is revoked while it runs', async () => {
    await around.registry.revoke(lockId, 'live 1');
    await around.registry.revokeBatch(lockId, ['live 2', 'live 3']);
    await around.untilInStep();
    expect(await around.live()).toHaveLength(3);
  }, 60_000);

  it('takes back what a reorg drops, and what it moves stays', async () => {
    await around.registry.revoke(lockId, 'dropped');
    await around.untilInStep();
    expect(await around.live()).toHaveLength(4);
    await around.rpc('anvil_reorg', [1, []]);
    await around.rpc('anvil_mine', ['0x1']);
    await around.untilInStep();
    expect(await around.live()).toHaveLength(3);
    await around.registry.revoke(lockId, 'dropped');
    await around.untilInStep();
    expect(await around.live()).toHaveLength(4);
  }, 60_000);

  it('loses nothing and doubles nothing when it is killed and started again', async () => {
    await running().end('SIGKILL');
    await around.registry.revoke(lockId, 'while it was away');
    await around.rpc('anvil_reorg', [2, []]);
    await around.rpc('anvil_mine', ['0x3']);
    await around.registry.revoke(lockId, 'on the new branch');
    await start();
    await around.untilInStep();
    const written = await around.recordCount(around.topics.revocations);
    await running().end('SIGKILL');
    await start();
    await around.registry.revoke(lockId, 'last');
    await around.untilInStep();
    expect(await around.recordCount(around.topics.revocations)).toBe(written + 1);
  }, 90_000);

  it('ends by SIGTERM with exit code 0, and its log holds no key of its endpoints', async () => {
    expect(await running().end('SIGTERM')).toBe(0);
    expect(children.flatMap(({ lines }) => lines).filter((line) => line.includes(canary))).toEqual([]);
  }, 30_000);
});
