import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { dropLogs, type Faults } from '@hybrid-sync/devstack';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ingesters, Ingestion, type Ingester } from '../faults/ingestion.js';
import { injected } from '../faults/injected.js';
import type { Claim } from '../schedules/claims.js';
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
    'F28 that nobody could reach for half a minute is found again within seconds',
    async () => {
      const began = new Map(ingesters.map((name) => [name, ingestion.service(name).log.length]));
      ingestion.set({ refuseConnections: true });
      await ingestion.eventually(
        'both have failed ten times in a row',
        () => {
          for (const [name, since] of began) {
            const said = ingestion.service(name).log.slice(since);
            const failures = said.filter(({ msg }) => msg === 'step failed').map((line) => Number(line['failures']));
            expect(Math.max(0, ...failures)).toBeGreaterThanOrEqual(10);
          }
        },
        90,
      );
      ingestion.heal();
      await revokeSome('after the absence');
      await ingestion.inStep(10);
    },
    patience,
  );

  it.each<readonly [string, Faults]>([
    ['a body of 100 MB', { padBytes: 100_000_000 }],
    ['a gzip bomb of 200 MB', { gzipBomb: 200_000_000 }],
  ])(
    'F24 that answers with %s is not believed, and nobody grows by it',
    async (about, faults) => {
      ingestion.proxy.forget();
      ingestion.set({ ...faults, only: ({ method }) => method === 'eth_getBlockByNumber' });
      await revokeSome(about);
      await ingestion.eventually('asked 10 times', () => {
        expect(ingestion.proxy.calls.length).toBeGreaterThanOrEqual(10);
      });
      ingestion.heal();
      await ingestion.inStep(30);
      for (const name of ingesters) {
        const { text } = await ingestion.ask(ingestion.service(name), '/metrics');
        const bytes = Number(/^process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1]);
        expect([name, bytes < 300_000_000 ? 'small' : bytes]).toEqual([name, 'small']);
      }
    },
    patience,
  );
});

const cleanAudit = z.looseObject({ mismatched: z.literal(0) });

/** "Not revoked" is said of nothing else. */
function isAudited({ audit }: Claim): boolean {
  return cleanAudit.safeParse(audit).success;
}

describe('an only endpoint that nobody but ingest-batch reads', () => {
  it.each<readonly [string, string, (claim: Claim) => boolean]>([
    ['receipts, and nothing is claimed before', '1000', () => true],
    ['the audit, and nothing is claimed without it', '0', isAudited],
  ])(
    'F13 and that leaves a log out of every answer is seen through by %s',
    async (_, receiptBlocks, counts) => {
      const alone = await Ingestion.create({ variables: { RECEIPT_CHECK_BLOCKS: receiptBlocks } });
      try {
        const lockHere = await alone.registry.registerLock();
        await alone.registry.revoke(lockHere, 'before');
        await alone.run('ingest-batch');
        const complete = async (): Promise<void> => {
          const [live, canonical] = await Promise.all([alone.live(), alone.canonical()]);
          expect(live).toEqual(canonical);
          expect((await alone.statuses('ingest-batch')).at(-1)).toMatchObject({ audit: { mismatched: 0 } });
        };
        await alone.eventually('the first pass is audited', complete, 60);
        alone.set({ answer: dropLogs('last') });
        await alone.registry.revoke(lockHere, 'alone');
        await alone.registry.revokeBatch(lockHere, ['1', '2', '3']);
        await alone.mine(3);
        await alone.eventually('all are there', complete, 120);
        await alone.requireTrueClaims(counts);
      } finally {
        await alone.close();
      }
    },
    patience,
  );
});

describe('both ingesters', () => {
  it(
    'F39 that hit their heap limit die, and when started again go on where they were',
    async () => {
      const processes = ingesters.map((name) => ingestion.service(name));
      const heap = injected({ heapMegabytes: 96, onSigusr2: 'heap' });
      for (const process of processes) {
        await process.stop();
        process.start(heap);
        await process.ready();
      }
      await revokeSome('before the heap is full');
      for (const { pid } of processes) process.kill(pid, 'SIGUSR2');
      const exits = await Promise.all(processes.map((process) => process.ended()));
      expect(exits).toEqual(exits.map(() => ({ code: null, signal: 'SIGABRT' })));
      await revokeSome('after the heap was full');
      for (const process of processes) {
        await process.kill();
        process.start();
      }
      await ingestion.inStep();
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
      await ingestion.eventually('it does not answer', async () => {
        await expect(ingestion.ask(active, '/livez')).rejects.toThrow();
      });
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
      await system.eventually('not ready', async () => {
        expect(await system.unreadyReasons('query-api')).not.toEqual([]);
      });
      await system.rpc('evm_setIntervalMining', 1);
      await system.eventually('answered again', async () => {
        expect(await answer()).toBe(200);
      });
    },
    patience,
  );
});
