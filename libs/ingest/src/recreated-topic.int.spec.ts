import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseStatusRecord, type Component, type ComponentStatus } from '@hybrid-sync/domain';
import { RealSurroundings } from './testing/real-surroundings.js';
import { ServiceChild } from './testing/service-child.js';
import { until } from './testing/until.js';

const names = ['ingest-batch', 'ingest-realtime'] as const;
const settings = { BATCH_SYNC_INTERVAL_MINUTES: '0.05' };

let around: RealSurroundings;
let lockId: bigint;
let services: readonly ServiceChild[] = [];

/** As a process manager does. */
async function startBoth(): Promise<void> {
  services = await Promise.all(names.map((name) => ServiceChild.start(name, around, settings)));
}

beforeAll(async () => {
  around = await RealSurroundings.start();
  lockId = await around.registry.registerLock();
  for (let number = 0; number < 8; number += 1) await around.registry.revoke(lockId, `before ${number}`);
  // Most of what there is becomes final: nobody would look at it again.
  await around.rpc('anvil_mine', ['0x60']);
  await startBoth();
  await around.untilInStep();
}, 60_000);
afterAll(async () => {
  await Promise.all(services.map((service) => service.end('SIGKILL')));
  await around.node.stop();
});

/** Everything that a component has said so far, oldest first. */
async function saidBy(component: Component): Promise<readonly ComponentStatus[]> {
  const records = await around.records(around.topics.status);
  return records.flatMap(([key, value]) => {
    const parsed = parseStatusRecord(Buffer.from(key), Buffer.from(value));
    return parsed.kind === 'component' && parsed.status.component === component ? [parsed.status] : [];
  });
}

/** Resolves when ingest-batch has covered the chain from the start block on, by what it says of this incarnation. */
async function untilCovered(isNew: (status: ComponentStatus) => boolean): Promise<void> {
  const isComplete = (status: ComponentStatus): boolean =>
    isNew(status) && status.coverage?.coveredFrom === around.registry.blockNumber;
  await until(async () => (await saidBy('ingest-batch')).some(isComplete));
}

async function expectNewBeginning(before: string): Promise<void> {
  const isNew = ({ topicIncarnation }: ComponentStatus): boolean => topicIncarnation !== before;
  await untilCovered(isNew);
  const batch = (await saidBy('ingest-batch')).filter(isNew);
  expect(batch[0]).toMatchObject({ coverage: null, topicIncarnation: expect.stringMatching(/^[\w-]{22}$/) });
  const realtimeFrom = async (): Promise<number | undefined> =>
    (await saidBy('ingest-realtime')).filter(isNew).at(-1)?.coverage?.coveredFrom;
  await until(async () => (await realtimeFrom()) !== undefined);
  expect(await realtimeFrom()).toBeGreaterThan(around.registry.blockNumber);
  await around.untilInStep();
}

async function incarnation(): Promise<string> {
  return (await saidBy('ingest-batch')).at(-1)?.topicIncarnation ?? '';
}

/** More than any offset that there was. */
const fillers = 800;

describe('a revocation topic that is deleted, made again and grown past the offsets that were known', () => {
  it('ends both ingesters, which publish everything anew when they are started again', async () => {
    const before = await incarnation();
    expect((await saidBy('ingest-batch')).at(-1)?.coverage?.settledTo).toBeGreaterThan(
      around.registry.blockNumber + 20,
    );
    await around.recreateRevocations(fillers);
    await until(() => services.every(({ hasEnded }) => hasEnded));
    for (const { exitCode, lines } of services) {
      expect(exitCode).toBe(1);
      expect(lines.filter((line) => line.includes('"service failed"')).join()).toMatch(/made again|recreated/);
    }
    await around.registry.revoke(lockId, 'while nobody looked');
    await startBoth();
    await expectNewBeginning(before);
  }, 90_000);

  it('is told at the start by ingesters that did not run meanwhile', async () => {
    const before = await incarnation();
    await Promise.all(services.map((service) => service.end('SIGTERM')));
    await around.recreateRevocations(fillers);
    await startBoth();
    await expectNewBeginning(before);
    expect(await around.live()).toHaveLength(9);
  }, 90_000);
});
