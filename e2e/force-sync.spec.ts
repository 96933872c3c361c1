import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { expectMirror } from './mirror.js';
import { System } from './system.js';
import type { TopicRecord } from './topic-client.js';

const patience = 90_000;
const key = { 'x-api-key': 'first-key-of-the-test' };
const backfillStatus = z.looseObject({ state: z.string(), nextBlock: z.int(), published: z.int() });
type BackfillStatus = z.infer<typeof backfillStatus>;
let system: System;
let lock: bigint;

beforeAll(async () => {
  // One block per query: a backfill has many steps, so that it can be killed between two of them.
  system = await System.create({ API_KEYS: `${key['x-api-key']},second-key`, BATCH_SYNC_SIZE: '1' });
  lock = await system.registry.registerLock();
  for (let number = 0; number < 20; number++) {
    await system.registry.revoke(lock, `final, ${number}`);
    await system.mine(5);
  }
  await system.mine(70);
  await system.start();
  await system.registry.revokeBatch(lock, ['live', 'live too']);
  await system.synced();
}, patience);
afterAll(() => system.close(), patience);

function untilState(commandId: string, state: string): Promise<void> {
  return system.eventually(`backfill ${state}`, async () => {
    expect(await system.api.backfill(commandId)).toMatchObject({ state });
  });
}

async function statusesOf(commandId: string): Promise<readonly BackfillStatus[]> {
  const records = await system.topics.read(system.topic('sync-status'));
  return records.filter((record) => String(record.key) === commandId).map(({ value }) => parsed(value));
}

function parsed(value: Buffer | null): BackfillStatus {
  return backfillStatus.parse(JSON.parse(String(value)));
}

async function republished(): Promise<readonly TopicRecord[]> {
  const records = await system.topics.read(system.topic('signature-revocations'));
  return records.filter(({ headers }) => headers.get('source') === 'force-sync');
}

describe('force-sync', () => {
  it('needs one of the keys', async () => {
    for (const headers of [{}, { 'x-api-key': 'not-a-key' }, { authorization: 'Bearer not-a-key' }]) {
      const answer = await system.api.post('/force-sync', headers);
      expect([answer.status, answer.body]).toEqual([401, expect.objectContaining({ code: 'unauthorized' })]);
    }
    expect(await system.topics.read(system.topic('sync-commands'))).toEqual([]);
  });

  it(
    'brings every row back that was deleted by hand, by records that are published again',
    async () => {
      await system.database.query('delete from revocations_a');
      expect(await system.api.revocations(lock)).toMatchObject({ total: 0 });
      const commandId = await system.api.forceSync(key);
      await untilState(commandId, 'succeeded');
      const canonical = await expectMirror(system);
      expect(canonical.size).toBe(22);
      expect((await republished()).map((record) => String(record.key)).sort()).toEqual([...canonical.keys()].sort());
      expect(await system.api.backfill(commandId)).toMatchObject({ published: 22, retracted: 0, reason: null });
      expect(await system.api.revoked(lock, 'final, 7')).toMatchObject({ isRevoked: true });
    },
    patience,
  );

  it(
    'goes on where it was when ingest-batch is killed, and is done once',
    async () => {
      await system.database.query('delete from revocations_a');
      const commandId = await system.api.forceSync({ authorization: 'Bearer second-key' });
      await system.eventually('it is in the middle', async () => {
        const { state, nextBlock } = await system.api.backfill(commandId);
        expect([state, Number(nextBlock) > 30]).toEqual(['running', true]);
      });
      const batch = system.service('ingest-batch');
      await batch.kill();
      const before = await statusesOf(commandId);
      batch.start();
      await untilState(commandId, 'succeeded');
      await expectMirror(system);
      const after = await statusesOf(commandId);
      expect(before.at(-1)?.state).toBe('running');
      expect(after[before.length]?.nextBlock).toBe(before.at(-1)?.nextBlock);
      expect(after.filter(({ state }) => state === 'succeeded')).toHaveLength(1);
      expect(after.at(-1)).toMatchObject({ state: 'succeeded', published: 22 });
    },
    patience,
  );

  it(
    'asked for twice runs twice, one after the other; the same command read twice runs once',
    async () => {
      const first = await system.api.forceSync(key);
      const second = await system.api.forceSync(key);
      expect(second).not.toBe(first);
      await untilState(second, 'succeeded');
      const commands = await system.topics.read(system.topic('sync-commands'));
      const repeated = commands.find((record) => String(record.key) === second);
      await system.topics.write(system.topic('sync-commands'), {
        key: Buffer.from(second),
        value: repeated?.value ?? null,
      });
      const third = await system.api.forceSync(key);
      await untilState(third, 'succeeded');
      const records = await system.topics.read(system.topic('sync-status'));
      const ran = records
        .filter((record) => [first, second, third].includes(String(record.key)))
        .filter(({ value }) => parsed(value).state === 'succeeded')
        .map((record) => String(record.key));
      expect(ran).toEqual([first, second, third]);
      await expectMirror(system);
    },
    patience,
  );

  it(
    'takes back what the topic says and the chain does not',
    async () => {
      // It would notice the record by itself, at its next step.
      await system.service('ingest-realtime').stop();
      const [someRecord] = await republished();
      const value = z.record(z.string(), z.unknown()).parse(JSON.parse(String(someRecord?.value)));
      const invented = system.registry.hashOf('never on the chain');
      const topics = z.array(z.string()).parse(value['topics']);
      const forged = { ...value, signatureHash: invented, topics: topics.with(2, invented) };
      const record = { key: Buffer.from(`${lock}-${invented}`), value: Buffer.from(JSON.stringify(forged)) };
      await system.topics.write(system.topic('signature-revocations'), record);
      await system.eventually('the forged record is believed', async () => {
        expect(await system.api.revoked(lock, 'never on the chain')).toMatchObject({ isRevoked: true });
      });
      const commandId = await system.api.forceSync(key);
      await untilState(commandId, 'succeeded');
      expect(await system.api.backfill(commandId)).toMatchObject({ published: 22, retracted: 1 });
      system.service('ingest-realtime').start();
      await system.eventually('not revoked', async () => {
        expect(await system.api.revoked(lock, 'never on the chain')).toMatchObject({ isRevoked: false });
      });
      await expectMirror(system);
    },
    patience,
  );

  it('keys are in no log line', () => {
    const lines = system.service('query-api').lines.join('\n');
    expect(lines).toContain('force-sync requested');
    expect(lines).not.toMatch(/first-key-of-the-test|second-key/);
  });
});
