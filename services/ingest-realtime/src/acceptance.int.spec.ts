import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RealSurroundings } from '../../../libs/ingest/src/testing/real-surroundings.js';
import { ServiceChild } from '../../../libs/ingest/src/testing/service-child.js';
import { until } from '../../../libs/ingest/src/testing/until.js';

let around: RealSurroundings;
let lockId: bigint;
const children: ServiceChild[] = [];

beforeAll(async () => {
  around = await RealSurroundings.start({ slotsInAnEpoch: 1 });
  lockId = await around.registry.registerLock();
  await around.rpc('anvil_mine', ['0xa']);
}, 60_000);
afterAll(async () => {
  await Promise.all(children.map((child) => child.end('SIGKILL')));
  await around.node.stop();
});

async function start(name: string, more = {}): Promise<ServiceChild> {
  const child = await ServiceChild.start(name, around, more);
  children.push(child);
  return child;
}

/** What the last status of a component says of a field that is text or a number. */
async function said(component: string, field: string): Promise<string | undefined> {
  const status = (await around.latest(around.topics.status)).get(component) ?? '';
  return new RegExp(`"${field}":"?([^",}]+)`).exec(status)?.[1];
}

describe('a finality violation', () => {
  it('stops both ingesters until an operator accepts the new branch, and then they follow it from the start', async () => {
    await around.registry.revoke(lockId, 'stays');
    await around.rpc('anvil_mine', ['0x5']);
    const batch = await start('ingest-batch');
    const realtime = await start('ingest-realtime');
    await around.untilInStep();
    await around.registry.revoke(lockId, 'dropped');
    await around.rpc('anvil_mine', ['0x5']);
    await around.untilInStep();
    const head = Number(await around.rpc('eth_blockNumber'));
    await until(async () => Number(await said('ingest-realtime', 'settledTo')) >= head - 2);
    await around.rpc('anvil_reorg', [7, []]);
    await around.rpc('anvil_mine', ['0x5']);
    await around.registry.revoke(lockId, 'new');
    await until(async () => (await said('ingest-realtime', 'finalityViolation')) !== 'null');
    expect(await around.live()).toHaveLength(2);
    const actualHash = (await said('ingest-realtime', 'actualHash')) ?? '';

    await realtime.end('SIGTERM');
    await start('ingest-realtime', { LOCAL_ACCEPT_FINALIZED_BLOCK_HASH: actualHash });
    await until(() => batch.hasEnded);
    expect(await batch.end('SIGTERM')).toBe(1);
    await start('ingest-batch');
    await around.untilInStep();
    expect(await around.live()).toHaveLength(2);
    expect(await said('ingest-realtime', 'finalityViolation')).toBe('null');
    expect(await said('ingest-realtime', 'acceptedViolation')).toBeDefined();
  }, 240_000);
});
