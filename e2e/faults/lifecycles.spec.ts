import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testServers } from '@hybrid-sync/devstack';
import type { ServiceProcess } from '../service-process.js';
import { TopicClient, type TopicRecord } from '../topic-client.js';
import { ingesters, Ingestion, isFrom } from './ingestion.js';
import { injected } from './injected.js';

const patience = 90_000;
const dayMs = 24 * 60 * 60 * 1000;
const revokedTopic = '0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354';
let ingestion: Ingestion;
let lock: bigint;

beforeAll(async () => {
  ingestion = await Ingestion.create();
  lock = await ingestion.registry.registerLock();
  await ingestion.registry.revoke(lock, 'before');
  await ingestion.start();
  await ingestion.inStep();
}, patience);
afterEach(() => {
  ingestion.heal();
});
afterAll(() => ingestion.close(), patience);

async function revokeSome(about: string): Promise<void> {
  await ingestion.registry.revoke(lock, `${about}, alone`);
  await ingestion.registry.revokeBatch(lock, [`${about}, 1`, `${about}, 2`, `${about}, 3`]);
  await ingestion.mine(3);
}

/** However it ended. Who was killed is waited for until the broker has missed it for the session's ten seconds. */
async function again(process: ServiceProcess, overrides: Readonly<Record<string, string>> = {}): Promise<void> {
  await process.kill();
  process.start(overrides);
  await process.ready();
}

async function restart(process: ServiceProcess, overrides: Readonly<Record<string, string>> = {}): Promise<void> {
  await process.stop();
  await again(process, overrides);
}

function processes(): readonly ServiceProcess[] {
  return ingesters.map((name) => ingestion.service(name));
}

/** What compaction leaves. */
function lastValues(records: readonly TopicRecord[]): ReadonlyMap<string, string> {
  return new Map(records.map(({ key, value }) => [String(key), String(value)]));
}

function clockOf({ time }: Readonly<Record<string, unknown>>): number {
  return Date.parse(String(time));
}

/** What it said last of its lease. */
function isActive({ log }: ServiceProcess): boolean {
  return log.findLast(({ msg }) => msg === 'lease changed')?.['held'] === true;
}

describe('both ingesters', () => {
  it(
    'F30 killed -9 as soon as records are acknowledged, before they have said so, lose none and claim nothing false',
    async () => {
      await ingestion.registry.revoke(lock, 'killed after publishing');
      const key = `${lock}-${ingestion.registry.hashOf('killed after publishing')}`;
      await ingestion.eventually('published', async () => {
        expect((await ingestion.live()).has(key)).toBe(true);
      });
      await Promise.all(processes().map((process) => again(process)));
      await revokeSome('after F30');
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F31 killed -9 when they have read the logs and published nothing yet read them again',
    async () => {
      const { length: before } = await ingestion.records('signature-revocations');
      ingestion.set({
        only: ({ method }) => ['eth_getLogs', 'eth_getBlockReceipts'].includes(method),
        answer: async (call, result) => {
          const victim = ingesters.find((name) => isFrom(name)(call));
          // What was revoked before is settled and not read again.
          if (victim !== undefined && JSON.stringify(result).includes(revokedTopic))
            await ingestion.service(victim).kill();
          return result;
        },
      });
      await revokeSome('killed before publishing');
      await ingestion.eventually('both are killed', () => {
        expect(processes().map(({ isRunning }) => isRunning)).toEqual([false, false]);
      });
      expect(await ingestion.records('signature-revocations')).toHaveLength(before);
      ingestion.heal();
      await Promise.all(processes().map((process) => again(process)));
      await ingestion.inStep();
    },
    patience,
  );

  it.each(ingesters)(
    'F33 a second %s started by mistake stands by, says so, and takes over when the first goes',
    async (name) => {
      const first = ingestion.service(name);
      const second = await ingestion.run(name);
      await ingestion.eventually('one of them is active', () => {
        expect([isActive(first), isActive(second)].toSorted()).toEqual([false, true]);
      });
      await revokeSome(`two of ${name}`);
      await ingestion.inStep();
      const [active, standby] = isActive(first) ? [first, second] : [second, first];
      const { text } = await ingestion.ask(standby, '/metrics');
      expect(text).toMatch(/^hybrid_sync_lease_held\S* 0$/m);
      await active.stop();
      await ingestion.eventually('the other is active', () => {
        expect(isActive(standby)).toBe(true);
      });
      await revokeSome(`the other of ${name}`);
      await ingestion.inStep();
      await standby.stop();
      first.start();
      await first.ready();
    },
    patience,
  );

  it(
    'F36 of which the clock of one goes a day ahead and that of the other a day behind publish and claim as ever',
    async () => {
      const [ahead, behind] = ingesters.map((name) => ingestion.service(name));
      if (ahead === undefined || behind === undefined) throw new Error('there are two');
      await Promise.all([
        restart(ahead, injected({ clockShiftMs: dayMs })),
        restart(behind, injected({ clockShiftMs: -dayMs })),
      ]);
      expect(ahead.log.map(clockOf).every((time) => time > Date.now() + dayMs / 2)).toBe(true);
      expect(behind.log.map(clockOf).every((time) => time < Date.now() - dayMs / 2)).toBe(true);
      await revokeSome('clocks');
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F34 whose checkpoints are lost read everything again, and what the topic comes down to is the same to the byte',
    async () => {
      await ingestion.inStep();
      await Promise.all(processes().map((process) => process.stop()));
      const before = lastValues(await ingestion.records('signature-revocations'));
      await new TopicClient(testServers().brokers).remove(ingestion.topic('sync-status'));
      await Promise.all(processes().map((process) => again(process)));
      await ingestion.eventually('the first pass is done', () => {
        expect(ingestion.service('ingest-batch').log.map(({ msg }) => msg)).toContain('pass done');
      });
      expect(lastValues(await ingestion.records('signature-revocations'))).toEqual(before);
      await ingestion.registry.revoke(lock, 'after the loss');
      await ingestion.eventually('all are there', async () => {
        expect(await ingestion.live()).toEqual(await ingestion.canonical());
      });
    },
    patience,
  );
});
