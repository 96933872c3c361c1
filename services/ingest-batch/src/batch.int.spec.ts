import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RealSurroundings } from '../../../libs/ingest/src/testing/real-surroundings.js';
import { canary, ServiceChild } from '../../../libs/ingest/src/testing/service-child.js';
import { until } from '../../../libs/ingest/src/testing/until.js';

let around: RealSurroundings;
let lockId: bigint;
const children: ServiceChild[] = [];

beforeAll(async () => {
  around = await RealSurroundings.start();
  lockId = await around.registry.registerLock();
  await around.registry.revoke(lockId, 'before 1');
  await around.registry.revokeBatch(
    lockId,
    Array.from({ length: 100 }, (_, index) => `before ${index + 2}`),
  );
  await around.rpc('anvil_mine', ['0x64']);
  await around.registry.revoke(lockId, 'near the head');
}, 60_000);
afterAll(async () => {
  await Promise.all(children.map((child) => child.end('SIGKILL')));
  await around.node.stop();
});

async function start(): Promise<ServiceChild> {
  const child = await ServiceChild.start('ingest-batch', around);
  children.push(child);
  return child;
}

function running(): ServiceChild {
  const child = children.at(-1);
  if (child === undefined) throw new Error('no child was started');
  return child;
}

/** Orders a backfill of everything; gives the id of the command. */
async function forceSync(): Promise<string> {
  const commandId = randomUUID();
  await around.command({ commandId, requestedAt: '2026-01-01T00:00:00Z', requestedBy: 'test' });
  return commandId;
}

async function untilSucceeded(commandId: string): Promise<void> {
  await until(async () => {
    const status = (await around.latest(around.topics.status)).get(commandId);
    return status?.includes('"state":"succeeded"') === true;
  });
}

describe('ingest-batch as a process', () => {
  it('publishes in its first pass what was revoked before it started', async () => {
    await start();
    await around.untilInStep();
    expect(await around.live()).toHaveLength(102);
    expect(await around.recordCount(around.topics.revocations)).toBe(102);
  }, 60_000);

  it('publishes after a kill what came meanwhile, takes back what a reorg dropped, and nothing else', async () => {
    await running().end('SIGKILL');
    await around.rpc('anvil_reorg', [1, []]);
    await around.rpc('anvil_mine', ['0x1']);
    await around.registry.revoke(lockId, 'while it was away');
    await start();
    await around.untilInStep();
    expect(await around.recordCount(around.topics.revocations)).toBe(104);
  }, 60_000);

  it('publishes everything again on command, once, also when it is killed in between', async () => {
    const before = await around.recordCount(around.topics.revocations);
    const commandId = await forceSync();
    await until(async () => (await around.latest(around.topics.status)).has(commandId));
    await running().end('SIGKILL');
    await start();
    await untilSucceeded(commandId);
    await around.untilInStep();
    const written = (await around.recordCount(around.topics.revocations)) - before;
    expect(written).toBeGreaterThanOrEqual(102);
    await running().end('SIGKILL');
    await start();
    await untilSucceeded(await forceSync());
    expect(await around.recordCount(around.topics.revocations)).toBe(before + written + 102);
  }, 90_000);

  it('ends by SIGTERM with exit code 0, and its log holds no key of its endpoints', async () => {
    expect(await running().end('SIGTERM')).toBe(0);
    expect(children.flatMap(({ lines }) => lines).filter((line) => line.includes(canary))).toEqual([]);
  }, 30_000);
});
