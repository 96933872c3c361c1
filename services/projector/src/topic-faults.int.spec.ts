import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeRebuildCommand, topicContracts, type TopicNames } from '@hybrid-sync/domain';
import { endOffsets, ensureTopics } from '@hybrid-sync/kafka';
import { alterTopic } from '../../../libs/kafka/src/testing/admin.js';
import { deleteRecordsBelow } from '../../../libs/kafka/src/testing/delete-records.js';
import { deleteTopic } from '../../../libs/kafka/src/testing/recreate-topic.js';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { Deployment } from './testing/deployment.js';
import { logOf, revoked, type Written } from './testing/records.js';

const patience = 120_000;
let deployment: Deployment;

beforeEach(async () => {
  deployment = await Deployment.create();
}, patience);
afterEach(() => deployment.drop(), patience);

const query = (sql: string): Promise<readonly Record<string, unknown>[]> => deployment.store.rows(sql);
const many = (from: number, count: number): readonly Written[] =>
  Array.from({ length: count }, (_, index) => revoked(logOf(1, from + index)));

async function publish(topic: string, written: readonly Written[]): Promise<void> {
  const records = written.map(({ key, value }) => ({ key: String(key), value: Buffer.from(value ?? '') }));
  await deployment.publisher.publish(topic, records);
}

async function publishRevocations(from: number, count: number): Promise<void> {
  await publish(deployment.topics.revocations, many(from, count));
}

async function recreate(topic: keyof TopicNames): Promise<void> {
  await deleteTopic(deployment.kafka, deployment.topics[topic]);
  const setup = { mode: 'create', replicationFactor: 1 } as const;
  await ensureTopics(deployment.kafka, topicContracts(deployment.topics), setup);
}

/** Settings of the revocation topic. */
function contract(): Readonly<Record<string, string>> {
  const { revocations } = deployment.topics;
  return topicContracts(deployment.topics).find(({ name }) => name === revocations)?.config ?? {};
}

async function readiness(management: string): Promise<{ readonly status: number; readonly reasons: unknown }> {
  const response = await fetch(`${management}/readyz`);
  const body: unknown = await response.json();
  return { status: response.status, reasons: Reflect.get(Object(body), 'reasons') };
}

async function untilReasons(management: string, ...reasons: readonly string[]): Promise<void> {
  await until(async () => {
    const found = (await readiness(management)).reasons;
    return JSON.stringify(found) === JSON.stringify(reasons) ? true : undefined;
  });
}

const liveRows = async (): Promise<unknown> =>
  (await query('select count(*)::integer as n from revoked_signatures'))[0]?.['n'];
const untilRows = (count: number): Promise<true> =>
  until(async () => ((await liveRows()) === count ? true : undefined));
const faults = (): Promise<readonly unknown[]> => query('select topic, setting, expected, actual from topic_faults');
const generations = (): Promise<unknown> =>
  query(`select generation, state, reason from generations where state <> 'abandoned' order by generation`);

describe('a projector whose revocation topic is made again', () => {
  it(
    'while it runs: folds the new one beside the old one, and switches to it',
    async () => {
      await publishRevocations(0, 50);
      const { management } = await deployment.start();
      await untilRows(50);
      await recreate('revocations');
      await publishRevocations(100, 80);
      await untilRows(80);
      await untilReasons(management);
      expect(await generations()).toEqual([
        { generation: 1, state: 'former', reason: 'initial' },
        { generation: 2, state: 'active', reason: 'topic-recreated' },
      ]);
      await publishRevocations(180, 5);
      await untilRows(85);
    },
    patience,
  );

  it(
    'while it is away: skips nothing of it, although its offsets lie within it',
    async () => {
      await publishRevocations(0, 50);
      const { process } = await deployment.start();
      await untilRows(50);
      await process.stop();
      await recreate('revocations');
      await publishRevocations(100, 80);
      await deployment.start();
      await untilRows(80);
      expect(await query(`select count(*)::integer as n from revocations_a`)).toEqual([{ n: 50 }]);
    },
    patience,
  );
});

describe('a projector', () => {
  it(
    'folds anew what is left of a topic that records were deleted of',
    async () => {
      const { revocations } = deployment.topics;
      await publishRevocations(0, 50);
      const { process } = await deployment.start();
      await untilRows(50);
      await process.stop();
      const gone = (await endOffsets(deployment.kafka, revocations)).get(0) ?? 0;
      await alterTopic(deployment.brokers, revocations, {
        ...contract(),
        'cleanup.policy': 'delete',
        'retention.ms': '-1',
      });
      await deleteRecordsBelow(deployment.kafka, revocations, gone);
      await alterTopic(deployment.brokers, revocations, contract());
      await deployment.start();
      await untilRows(50 - gone);
      expect(gone).toBeGreaterThan(0);
      expect(await generations()).toMatchObject([{ state: 'former' }, { state: 'active', reason: 'topic-truncated' }]);
    },
    patience,
  );

  it(
    'reads topics without generations from their beginning when they are made again',
    async () => {
      const { commands } = deployment.topics;
      await publish(commands, [{ key: 'garbage', value: 'garbage' }]);
      await deployment.start();
      const applied = (): Promise<unknown> =>
        query(`select next_offset::integer as next from applied_offsets where topic = '${commands}'`);
      await until(async () => (JSON.stringify(await applied()) === '[{"next":1}]' ? true : undefined));
      await recreate('commands');
      const commandId = '0b5d5f2e-3f0c-4a57-9b1a-0d7a1c9d2e11';
      const command = { commandId, requestedAt: '2026-01-01T00:00:00Z', requestedBy: 'test' };
      const ordered = { key: commandId, value: encodeRebuildCommand(command) };
      await publish(commands, [ordered, ordered]);
      await until(async () =>
        (await query(`select from generations where state = 'former'`)).length === 1 ? true : undefined,
      );
      await publish(commands, [ordered]);
      await until(async () => (JSON.stringify(await applied()) === '[{"next":3}]' ? true : undefined));
      expect(await query(`select generation, state, command_id from generations order by generation`)).toEqual([
        { generation: 1, state: 'former', command_id: null },
        { generation: 2, state: 'active', command_id: commandId },
      ]);
    },
    patience,
  );

  it(
    'folds anew when it was away for longer than tombstones are kept',
    async () => {
      await publishRevocations(0, 50);
      const { process } = await deployment.start();
      await untilRows(50);
      await until(async () =>
        (await query('select from applied_offsets where generation = 1 and current_at is not null')).length > 0
          ? true
          : undefined,
      );
      await process.stop();
      await query(`insert into revocations_a
        select block_number, revoked_at, created_at, log_index, partition, first_published_by, lock_id + 1, signature_hash,
          transaction_hash, block_hash, revoked_by from revocations_a limit 1`);
      await query(`update applied_offsets set current_at = now() - interval '8 days' where current_at is not null`);
      await deployment.start();
      await untilRows(50);
      expect(await generations()).toMatchObject([{ state: 'former' }, { state: 'active', reason: 'absence' }]);
    },
    patience,
  );

  it(
    'is not ready while a topic is not what it must be, says which in a table, and recovers by itself',
    async () => {
      const { revocations } = deployment.topics;
      const { management } = await deployment.start();
      await untilReasons(management);
      await alterTopic(deployment.brokers, revocations, {
        ...contract(),
        'cleanup.policy': 'delete',
        'retention.ms': '-1',
      });
      await untilReasons(management, 'topic-misconfigured');
      await until(async () => ((await faults()).length > 0 ? true : undefined));
      expect(await faults()).toEqual([
        { topic: revocations, setting: 'cleanup.policy', expected: 'compact', actual: 'delete' },
      ]);
      await alterTopic(deployment.brokers, revocations, contract());
      await untilReasons(management);
      await until(async () => ((await faults()).length === 0 ? true : undefined));
      await publishRevocations(0, 5);
      await untilRows(5);
    },
    patience,
  );
});
