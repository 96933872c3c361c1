import { afterEach, describe, expect, it } from '@jest/globals';
import { deployLockRegistry, startFaultProxy, type Tampering } from '@hybrid-sync/devstack';
import { z } from 'zod';
import type { Variables } from './service-process.js';
import { System } from './system.js';
import { answersDuring, type WatchedAnswer } from './watched-answers.js';

const patience = 90_000;
const auditAnswer = z.object({
  components: z.object({
    'ingest-batch': z.object({
      audit: z.object({ locks: z.int(), mismatched: z.int(), finding: z.string().nullable() }),
    }),
  }),
});
const auditLine = z.object({ state: z.string(), audit: z.object({ mismatched: z.int() }).nullable() });
const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
}, patience);

/** Final two blocks below the head; blocks of any age count as fresh, so that only the audit keeps an answer back. */
async function created(): Promise<System> {
  const system = await System.create({ MAX_STALENESS_SECONDS: '0' }, { slotsInAnEpoch: 1 });
  ended.push(() => system.close());
  return system;
}

async function startWith(system: System, variables: Variables): Promise<void> {
  const services = (['ingest-realtime', 'ingest-batch', 'projector', 'query-api'] as const).map((name) =>
    system.service(name),
  );
  for (const service of services) service.start(variables);
  await Promise.all(services.map((service) => service.ready()));
}

async function auditSaid(system: System): Promise<z.infer<typeof auditAnswer>['components']['ingest-batch']['audit']> {
  return auditAnswer.parse(await system.api.health()).components['ingest-batch'].audit;
}

/** Resolves when nobody is told "not revoked" any more, for the reason that is meant. */
async function untilDoubted(system: System, finding: RegExp): Promise<void> {
  await system.eventually('the mismatch is said', async () => {
    expect((await system.api.health()).reasons).toContain('audit-mismatch');
    expect((await auditSaid(system)).finding).toMatch(finding);
    expect(await system.unreadyReasons('query-api')).toEqual(['audit-mismatch']);
    expect(await system.unreadyReasons('ingest-batch')).toEqual(['audit-mismatch']);
    expect(await system.metric('ingest-batch', 'hybrid_sync_audit_mismatched_locks')).toBe(1);
  });
}

async function ordered(system: System, variables: Variables = {}): Promise<{ code: number | null; states: unknown[] }> {
  const program = system.program('ingest-batch/dist/request-audit.js');
  program.start(variables);
  const { code } = await program.ended();
  const lines = program.log.filter(({ msg }) => msg === 'audit').map((line) => auditLine.parse(line));
  return { code, states: lines.map(({ state, audit }) => [state, audit?.mismatched ?? null]) };
}

function denied(answers: readonly WatchedAnswer[]): readonly WatchedAnswer[] {
  return answers.filter(({ isRevoked }) => isRevoked === false);
}

describe('what the contract counts and nobody has mirrored', () => {
  it(
    'is a start block after revocations: "not revoked" is never said, "revoked" is, and an operator is told',
    async () => {
      const system = await created();
      const lock = await system.registry.registerLock();
      await system.registry.revoke(lock, 'before the start block');
      await system.mine(5);
      const late = { LOCAL_START_BLOCK: String(await system.head()) };
      await system.registry.revoke(lock, 'after it');
      await system.mine(5);
      const about = { api: system.api, lockId: lock, signature: 'before the start block' };
      const answers = await answersDuring(about, async () => {
        await startWith(system, late);
        await untilDoubted(system, /^START_BLOCK is later than the contract's deployment/);
      });
      expect(denied(answers)).toEqual([]);
      expect(await system.api.revoked(lock, 'after it')).toMatchObject({ isRevoked: true });
      expect((await system.api.ask(lock, 'before the start block')).body).toMatchObject({
        reasons: ['audit-mismatch'],
      });
      expect(await ordered(system, late)).toEqual({
        code: 2,
        states: [
          ['running', null],
          ['succeeded', 1],
        ],
      });
    },
    patience,
  );

  it(
    'is a contract of another generation, whose events are others',
    async () => {
      const system = await created();
      const other = await deployLockRegistry(system.chain.url, 'other');
      const lock = await other.registerLock();
      await other.revoke(lock, 'said by another event');
      await system.mine(5);
      const about = { api: system.api, lockId: lock, signature: 'said by another event' };
      const answers = await answersDuring(about, async () => {
        const variables = { LOCAL_CONTRACT_ADDRESS: other.address, LOCAL_START_BLOCK: String(other.blockNumber) };
        await startWith(system, variables);
        await untilDoubted(system, /another generation of the contract$/);
      });
      expect(denied(answers)).toEqual([]);
    },
    patience,
  );

  it(
    'is a log that the only endpoint leaves out for good: receipts heal it before anybody hears "not revoked"',
    async () => {
      const system = await created();
      const proxy = await startFaultProxy(system.chain.url);
      ended.push(() => proxy.close());
      const lock = await system.registry.registerLock();
      await system.registry.revokeBatch(lock, ['one', 'left out', 'three']);
      await system.mine(5);
      proxy.set({ answer: leavingOut(system.registry.hashOf('left out')) });
      const about = { api: system.api, lockId: lock, signature: 'left out' };
      const answers = await answersDuring(about, async () => {
        await startWith(system, { LOCAL_RPC_URL: proxy.url });
        await system.eventually('the log is found', async () => {
          expect(await system.api.revoked(lock, 'left out')).toMatchObject({ isRevoked: true });
        });
      });
      expect(denied(answers)).toEqual([]);
      await system.eventually('the audit is clean', async () => {
        expect(await auditSaid(system)).toEqual({ locks: 1, mismatched: 0, finding: null });
        expect(await system.unreadyReasons('ingest-batch')).toEqual([]);
        expect(await system.api.revoked(lock, 'never revoked')).toMatchObject({ isRevoked: false });
      });
      const lines = system.service('ingest-batch').log.map(({ msg }) => msg);
      expect(lines).toContain('audit mismatch, the chain is read again');
      expect(await ordered(system)).toEqual({
        code: 0,
        states: [
          ['running', null],
          ['succeeded', 0],
        ],
      });
    },
    patience,
  );
});

/** `eth_getLogs` never tells of this signature. */
function leavingOut(signatureHash: string): Tampering {
  const logs = z.array(z.looseObject({ topics: z.array(z.string()) }));
  return ({ method }, result) =>
    method === 'eth_getLogs' ? logs.parse(result).filter(({ topics }) => topics[2] !== signatureHash) : result;
}
