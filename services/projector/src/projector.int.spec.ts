import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { testServers } from '@hybrid-sync/devstack';
import { encodeComponentStatus, revocationKey, type ComponentStatus } from '@hybrid-sync/domain';
import { readAppliedOffsets, readSyncState } from '@hybrid-sync/store';
import { hashOf, identity, plainClaims } from '../../../libs/domain/src/testing/arbitraries.js';
import { produceForeign } from '../../../libs/kafka/src/testing/foreign-producer.js';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { openDatabase } from '../../../libs/store/src/testing/test-store.js';
import { Deployment } from './testing/deployment.js';
import { logOf, retracted, revoked, type Written } from './testing/records.js';

const patience = 60_000;
let deployment: Deployment;

beforeEach(async () => {
  deployment = await Deployment.create();
}, patience);
afterEach(() => deployment.drop(), patience);

/** As the ingesters publish. */
async function publish(written: readonly Written[], topic = deployment.topics.revocations): Promise<void> {
  const records = written.map(({ key, value, headers = {} }) => ({
    key: String(key),
    value: Buffer.from(value ?? ''),
    headers,
  }));
  await deployment.publisher.publish(topic, records);
}

const many = (from: number, count: number, block = 1000): readonly Written[] =>
  Array.from({ length: count }, (_, index) => revoked(logOf(1, from + index, block)));
const query = (sql: string): Promise<readonly Record<string, unknown>[]> => deployment.store.rows(sql);
const liveKeys = async (): Promise<unknown[]> =>
  (
    await query(`select lock_id || '-0x' || encode(signature_hash, 'hex') as key from revoked_signatures order by 1`)
  ).map(({ key }) => key);
const keysOf = (written: readonly Written[]): unknown[] => written.map(({ key }) => key).sort();

async function metric(management: string, name: string): Promise<number> {
  const text = await (await fetch(`${management}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('the projector', () => {
  it(
    'folds the topics into rows, and its offsets are those of the end of the topic',
    async () => {
      await publish(many(0, 100));
      const { process } = await deployment.start();
      await deployment.applied();
      await publish([...many(100, 100), retracted(logOf(1, 5)), revoked(logOf(1, 6, 1001), 'batch')]);
      await deployment.applied();
      const expected = many(0, 200).filter(({ key }) => key !== revocationKey(logOf(1, 5)));
      expect(await liveKeys()).toEqual(keysOf(expected));
      expect(await query('select lock_id, reason from retractions')).toEqual([{ lock_id: '1', reason: 'reorg' }]);
      expect(
        await query(`select block_number, first_published_by as by from revoked_signatures where block_number > 1000`),
      ).toEqual([{ block_number: '1001', by: 'realtime' }]);
      expect(await process.stop()).toBe(0);
    },
    patience,
  );

  it(
    'applies statuses, and believes a claim once the records are applied',
    async () => {
      const status = (coveredTo: number, nextOffset: number): Written => ({
        key: 'ingest-batch',
        value: encodeComponentStatus(statusOf(coveredTo, new Map([[7, nextOffset]]))),
      });
      await publish([status(10, 0), status(20, 1_000_000)], deployment.topics.status);
      await deployment.start();
      await deployment.applied();
      const { batch } = await readSyncState(deployment.store.database);
      expect(batch).toMatchObject({ headBlock: 20, coverage: null });
      await publish([status(15, 0)], deployment.topics.status);
      await deployment.applied();
      expect((await readSyncState(deployment.store.database)).batch?.coverage?.coveredTo).toBe(15);
    },
    patience,
  );

  it(
    'puts aside what it cannot apply, with its bytes in the table and on the topic, and goes on',
    async () => {
      const { revocations, status, deadLetters } = deployment.topics;
      const good = revoked(logOf(1, 1));
      const spoilt = revoked(logOf(1, 2));
      const unstorable = String(spoilt.value).replace(/"logIndex":\d+/, '"logIndex":3000000000');
      const foreign = revoked(logOf(1, 3), 'batch', { chainId: 5, contract: identity.contract });
      await produceForeign(deployment.brokers, revocations, [
        { key: 'elsewhere', value: 'garbage', partition: 0, headers: { 'a\u0000b': 'x' } },
        { key: String(good.key), value: Buffer.from([0xff, 0xfe]), partition: 0 },
        { key: String(foreign.key), value: String(foreign.value), partition: 0 },
        { key: String(good.key), value: String(good.value), partition: 0 },
        { key: String(spoilt.key), value: unstorable, partition: 0 },
      ]);
      const large = { key: revocationKey(logOf(1, 6)), value: Buffer.alloc(1_048_000), partition: 0 };
      await produceForeign(deployment.brokers, revocations, [large]);
      await produceForeign(deployment.brokers, revocations, [
        { key: revocationKey(logOf(1, 4)), value: null, partition: 0 },
        { key: revocationKey(logOf(1, 5)), value: String(revoked(logOf(1, 5)).value), partition: 0 },
      ]);
      await produceForeign(deployment.brokers, status, [{ key: 'ingest-batch', value: null }]);
      const { management, process } = await deployment.start();
      await deployment.applied();

      expect(await liveKeys()).toEqual(keysOf([good, revoked(logOf(1, 5))]));
      const retractions = await query('select record_offset::integer as at, reason from retractions order by at');
      const malformed = [1, 2, 4, 5].map((at) => ({ at, reason: 'malformed' }));
      expect(retractions).toEqual([...malformed, { at: 6, reason: 'tombstone' }]);
      const letters = await query(
        `select topic = '${status}' as of_status, record_offset::integer as at, revocation_key as key, reason, length(value) as bytes
         from dead_letters order by topic, record_offset`,
      );
      expect(letters).toEqual([
        { of_status: false, at: 0, key: null, reason: expect.any(String), bytes: 7 },
        { of_status: false, at: 1, key: good.key, reason: 'the value is not JSON', bytes: 2 },
        {
          of_status: false,
          at: 2,
          key: foreign.key,
          reason: 'the record is of chain 5',
          bytes: String(foreign.value).length,
        },
        {
          of_status: false,
          at: 4,
          key: spoilt.key,
          reason: expect.stringContaining('logIndex: Too big'),
          bytes: unstorable.length,
        },
        { of_status: false, at: 5, key: large.key, reason: 'the value is not JSON', bytes: 1_048_000 },
        { of_status: true, at: 0, key: null, reason: expect.any(String), bytes: null },
      ]);
      const published = await deployment.records(deadLetters);
      const offsets = published.map(({ headers }) => String(headers['dead-letter-offset']));
      expect(new Set(offsets)).toEqual(new Set(['0', '1', '2', '4', '5']));
      expect(published.find(({ headers }) => String(headers['dead-letter-offset']) === '1')?.value).toEqual(
        Buffer.from([0xff, 0xfe]),
      );
      expect(await metric(management, 'hybrid_sync_dead_letters_total')).toBe(6);
      expect(process.lines.filter(({ message }) => message === 'record dead-lettered')).toHaveLength(6);
    },
    patience,
  );

  it(
    'applies each record once although two of them come, go and share the partitions',
    async () => {
      const garbage = (from: number): readonly Written[] =>
        Array.from({ length: 20 }, (_, index) => ({ key: `garbage ${from + index}`, value: 'x' }));
      const first = await deployment.start();
      const second = await deployment.start();
      for (let round = 0; round < 5; round++) await publish([...many(round * 100, 100), ...garbage(round * 20)]);
      await deployment.applied();
      const third = await deployment.start();
      for (let round = 5; round < 10; round++) await publish([...many(round * 100, 100), ...garbage(round * 20)]);
      await deployment.applied();
      const counted = await Promise.all(
        [first, second, third].map(({ management }) => metric(management, 'hybrid_sync_dead_letters_total')),
      );
      expect(counted.reduce((sum, count) => sum + count)).toBe(200);
      expect(await liveKeys()).toEqual(keysOf(many(0, 1000)));
      expect(await query('select sum(revocations)::integer as n from revocation_counts')).toEqual([{ n: 1000 }]);
      expect(await query('select count(*)::integer as n from dead_letters')).toEqual([{ n: 200 }]);
    },
    patience,
  );

  it(
    'loses and doubles nothing when it is killed with kill -9 between batches',
    async () => {
      for (let round = 0; round < 2; round++) {
        const { process } = await deployment.start();
        await publish(many(round * 300, 300));
        await until(async () => ((await liveKeys()).length > round * 300 ? true : undefined));
        await process.kill();
      }
      await deployment.start();
      await deployment.applied();
      expect(await liveKeys()).toEqual(keysOf(many(0, 600)));
      expect(await query('select sum(revocations)::integer as n from revocation_counts')).toEqual([{ n: 600 }]);
    },
    patience * 2,
  );

  it(
    'reads from the offset in the database, not from the one committed to Kafka',
    async () => {
      await publish(many(0, 100));
      const { process } = await deployment.start();
      await deployment.applied();
      await process.stop();
      await query('truncate revocations_a, applied_offsets');
      await deployment.start();
      await deployment.applied();
      expect(await liveKeys()).toEqual(keysOf(many(0, 100)));
      expect(
        await readAppliedOffsets(deployment.store.database, { generation: 1, topic: deployment.topics.revocations }),
      ).not.toEqual(new Map());
    },
    patience,
  );

  it(
    'waits for a database that is down, and puts nothing aside because of that',
    async () => {
      await publish(many(0, 50));
      const { process } = await deployment.start();
      await deployment.applied();
      const name = new URL(deployment.store.url).pathname.slice(1);
      const server = openDatabase(testServers().databaseUrl);
      await server.query(`alter database "${name}" allow_connections false`);
      await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
      await publish(many(50, 50));
      await process.said('batch could not be applied, retrying');
      await server.query(`alter database "${name}" allow_connections true`);
      await server.close();
      await deployment.applied();
      expect(await liveKeys()).toEqual(keysOf(many(0, 100)));
      expect(await query('select from dead_letters')).toEqual([]);
      expect(await process.stop()).toBe(0);
    },
    patience,
  );

  it(
    'says what is wrong with a topic, and does not start',
    async () => {
      const process = deployment.run({ KAFKA_TOPICS: 'verify', KAFKA_TOPIC_PREFIX: 'nobody-made-these' });
      expect(await process.exited).toBe(1);
      expect(process.lines.at(-2)?.text).toContain('nobody-made-these.signature-revocations.v1');
    },
    patience,
  );
});

function statusOf(coveredTo: number, offsets: ReadonlyMap<number, number>): ComponentStatus {
  const head = { number: coveredTo, hash: hashOf(coveredTo), timestamp: 1_700_000_000 };
  const covered = { coveredToHash: head.hash, coveredToTimestamp: head.timestamp };
  return {
    component: 'ingest-batch',
    deployment: { ...identity, startBlock: 0, startBlockHash: hashOf(1) },
    head,
    finalized: { ...head, number: 0 },
    syncing: false,
    coverage: { coveredFrom: 0, coveredTo, ...covered, settledTo: 0, offsets },
    finalityViolation: null,
    ...plainClaims,
  };
}
