import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { dropLogs, type Faults } from '@hybrid-sync/devstack';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingesters, Ingestion, type Ingester } from '../faults/ingestion.js';
import { injected } from '../faults/injected.js';
import type { ServiceProcess } from '../service-process.js';
import { System } from '../system.js';

const patience = 300_000;
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

/** What it said last of its lease. */
function isActive({ log }: ServiceProcess): boolean {
  return log.findLast(({ msg }) => msg === 'lease changed')?.['held'] === true;
}

/** The one that is active of two. */
async function activeOf(twins: readonly [ServiceProcess, ServiceProcess]): Promise<ServiceProcess> {
  const [one, other] = twins;
  await ingestion.eventually('one of two is active', () => {
    expect(isActive(one)).not.toBe(isActive(other));
  });
  return isActive(one) ? one : other;
}

describe('an only endpoint', () => {
  it.each<readonly [string, Faults]>([
    ['F23 that accepts and never answers', { hang: true }],
    ['F24 that sends one byte a second', { bytesPerSecond: 1 }],
  ])(
    '%s is given up after the deadline, and nothing is lost',
    async (about, faults) => {
      ingestion.set(faults);
      const said = new Map(ingesters.map((name) => [name, ingestion.service(name).log.length]));
      await revokeSome(about);
      await ingestion.eventually(
        'both gave up on a call',
        () => {
          for (const [name, before] of said) {
            expect(JSON.stringify(ingestion.service(name).log.slice(before))).toContain('within the deadline');
          }
        },
        60,
      );
      ingestion.heal();
      await ingestion.inStep(30);
    },
    patience,
  );

  it(
    'F13 that leaves a log out of every answer, with nobody but ingest-batch to see it, is seen through by the audit',
    async () => {
      await ingestion.service('ingest-realtime').stop();
      ingestion.set({ answer: dropLogs('last') });
      await revokeSome('without ingest-realtime');
      await ingestion.eventually(
        'all are there',
        async () => {
          expect(await ingestion.live()).toEqual(await ingestion.canonical());
        },
        120,
      );
      ingestion.service('ingest-realtime').start();
      await ingestion.service('ingest-realtime').ready();
    },
    patience,
  );
});

describe.each(ingesters)('two of %s', (name: Ingester) => {
  let twins: readonly [ServiceProcess, ServiceProcess];

  beforeAll(async () => {
    await ingestion.service(name).stop();
    const stalling = injected({ onSigusr2: 'stall:30000' });
    twins = [await ingestion.run(name, stalling), await ingestion.run(name, stalling)];
  }, patience);
  afterAll(async () => {
    await Promise.all(twins.map((twin) => twin.stop()));
    ingestion.service(name).start();
    await ingestion.service(name).ready();
  }, patience);

  it(
    'F32 of which the active one is stopped for 60 s and wakes up: the other takes over, and no harm is done',
    async () => {
      const active = await activeOf(twins);
      const standby = active === twins[0] ? twins[1] : twins[0];
      await active.pause();
      const stoppedAt = performance.now();
      await ingestion.registry.revoke(lock, `${name} stopped, dropped later`);
      await ingestion.eventually('the other is active', () => {
        expect(isActive(standby)).toBe(true);
      });
      await revokeSome(`${name} stopped`);
      await ingestion.inStep();
      await sleep(60_000 - (performance.now() - stoppedAt));
      active.resume();
      await revokeSome(`${name} awake`);
      await activeOf(twins);
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F38 of which the active one stalls for 30 s: it does not answer for its life, the other takes over, one is active',
    async () => {
      const active = await activeOf(twins);
      const standby = active === twins[0] ? twins[1] : twins[0];
      process.kill(active.pid, 'SIGUSR2');
      await expect(ingestion.ask(active, '/livez')).rejects.toThrow();
      await ingestion.eventually('the other is active', () => {
        expect(isActive(standby)).toBe(true);
      });
      await revokeSome(`${name} stalled`);
      await ingestion.inStep();
      await ingestion.eventually('it answers again', async () => {
        expect((await ingestion.ask(active, '/livez')).status).toBe(200);
      });
      await revokeSome(`${name} after the stall`);
      await activeOf(twins);
      await ingestion.inStep();
    },
    patience,
  );
});

describe('a chain', () => {
  let system: System;

  beforeAll(async () => {
    system = await System.create({}, { blockTimeSeconds: 1 });
    await system.start();
  }, patience);
  afterAll(() => system.close(), patience);

  it(
    'F09 without blocks is believed for the two minutes that are set by default, then unknown, and known when it goes on',
    async () => {
      const answer = async (): Promise<number> => (await system.api.ask('1', 'nothing')).status;
      await system.eventually('answered', async () => {
        expect(await answer()).toBe(200);
      });
      await system.rpc('evm_setIntervalMining', 0);
      const since = performance.now();
      await system.eventually(
        'unknown',
        async () => {
          expect(await answer()).toBe(503);
        },
        180,
      );
      expect(performance.now() - since).toBeGreaterThan(110_000);
      expect(await system.unreadyReasons('query-api')).not.toEqual([]);
      await system.rpc('evm_setIntervalMining', 1);
      await system.eventually('answered again', async () => {
        expect(await answer()).toBe(200);
      });
    },
    patience,
  );
});
