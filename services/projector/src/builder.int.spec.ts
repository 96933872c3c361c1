import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { revocationPartitions } from '@hybrid-sync/domain';
import { endOffsets } from '@hybrid-sync/kafka';
import { readAppliedOffsets } from '@hybrid-sync/store';
import { recreateTopic } from '../../../libs/kafka/src/testing/recreate-topic.js';
import { buildGeneration } from './builder.js';
import { BuildingOverError } from './builder-follower.js';
import { chooseFormer } from './rebuild-choice.js';
import { builderOf, generationOf, rebuild, type TestBuilder } from './testing/building.js';
import { Deployment } from './testing/deployment.js';
import { logOf, retracted } from './testing/records.js';
import { hold, keysOf, liveKeys, many, publish, somebodyWaits } from './testing/revocation-rows.js';

const patience = 60_000;
let deployment: Deployment;
let builder: TestBuilder;

beforeEach(async () => {
  deployment = await Deployment.create();
  builder = builderOf(deployment);
}, patience);
afterEach(() => deployment.drop(), patience);

const query = (sql: string): Promise<readonly Record<string, unknown>[]> => deployment.store.rows(sql);

async function indexesOf(slot: string): Promise<unknown> {
  const rows = await query(`select indexname from pg_indexes where tablename = 'revocations_${slot}' order by 1`);
  return rows.map(({ indexname }) => indexname);
}

describe('the builder', () => {
  it(
    'makes a fold of the topic the active generation, and keeps the former one',
    async () => {
      await publish(deployment, [...many(0, 300), retracted(logOf(1, 7))]);
      const outcome = await rebuild(builder);
      expect(outcome).toMatchObject({ kind: 'switched', generation: { generation: 2 }, from: { generation: 1 } });
      expect(await liveKeys(deployment)).toEqual(keysOf(many(0, 300).filter((_, index) => index !== 7)));
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 2, slot: 'b' });
      expect(await generationOf(deployment, 'former')).toMatchObject({ generation: 1, slot: 'a' });
      expect(await indexesOf('b')).toEqual([
        'revocations_b_block_number',
        'revocations_b_key',
        'revocations_b_lock_id',
      ]);
      const topic = deployment.topics.revocations;
      const applied = await readAppliedOffsets(deployment.store.database, { generation: 2, topic });
      const ends = [...(await endOffsets(deployment.kafka, topic))].filter(([, end]) => end > 0);
      expect(applied).toEqual(new Map(ends));
      expect(builder.told.at(-1)).toMatchObject({ generation: 2, applied: 301, target: 301, secondsLeft: 0 });
    },
    patience,
  );

  it(
    'gives the same tables again, whatever was done to the active ones by hand',
    async () => {
      await publish(deployment, [...many(0, 50), retracted(logOf(1, 7))]);
      await rebuild(builder);
      const counts = await query('select * from revocation_counts order by partition');
      await query('truncate revocations_b');
      expect(await liveKeys(deployment)).toEqual([]);
      await rebuild(builder);
      expect(await liveKeys(deployment)).toEqual(keysOf(many(0, 50).filter((_, index) => index !== 7)));
      const again = await query('select * from revocation_counts order by partition');
      const plain = (rows: readonly Record<string, unknown>[]): unknown =>
        rows.map(({ partition, first_published_by, revocations }) => ({ partition, first_published_by, revocations }));
      expect(plain(again)).toEqual(plain(counts));
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 3, slot: 'a' });
    },
    patience,
  );

  it(
    'is one at a time',
    async () => {
      const begun = Promise.withResolvers<undefined>();
      const asked = Promise.withResolvers<{ readonly kind: 'refused'; readonly reason: string }>();
      const choose = (): typeof asked.promise => {
        begun.resolve(undefined);
        return asked.promise;
      };
      const first = buildGeneration(builder.options, choose, new AbortController().signal);
      await begun.promise;
      expect(await rebuild(builder)).toEqual({ kind: 'busy' });
      asked.resolve({ kind: 'refused', reason: 'enough' });
      expect(await first).toEqual({ kind: 'refused', reason: 'enough' });
    },
    patience,
  );

  it(
    'goes on from where another one was stopped',
    async () => {
      await publish(deployment, many(0, 200));
      const held = await hold(deployment, 'slot_counts in share mode');
      const stopping = new AbortController();
      const stopped = rebuild(builder, stopping.signal);
      await somebodyWaits(deployment);
      stopping.abort();
      await held.end();
      await expect(stopped).rejects.toThrow();
      expect(await generationOf(deployment, 'building')).toMatchObject({ generation: 2 });
      expect(await liveKeys(deployment)).toEqual([]);
      expect(await rebuild(builder)).toMatchObject({ kind: 'switched', generation: { generation: 2 } });
      expect(await liveKeys(deployment)).toEqual(keysOf(many(0, 200)));
    },
    patience,
  );

  it(
    'goes on where the server was restarted meanwhile',
    async () => {
      await publish(deployment, many(0, 200));
      const held = await hold(deployment, 'slot_counts in share mode');
      const interrupted = rebuild(builder);
      interrupted.catch(() => undefined);
      await somebodyWaits(deployment);
      await query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`);
      await held.end();
      await expect(interrupted).rejects.toThrow();
      expect(await rebuild(builder)).toMatchObject({ kind: 'switched', generation: { generation: 2 } });
      expect(await liveKeys(deployment)).toEqual(keysOf(many(0, 200)));
    },
    patience,
  );

  it(
    'is over where the topic is made again meanwhile, and the next one folds the new topic',
    async () => {
      const { kafka, topics } = deployment;
      await publish(deployment, many(0, 100));
      await rebuild(builder);
      const held = await hold(deployment, 'active_generation in row exclusive mode');
      const over = rebuild(builder);
      over.catch(() => undefined);
      await somebodyWaits(deployment);
      await recreateTopic(kafka, topics.revocations, revocationPartitions);
      await held.end();
      await expect(over).rejects.toBeInstanceOf(BuildingOverError);
      expect(await liveKeys(deployment)).toEqual(keysOf(many(0, 100)));
      const next = await rebuild(builderOf(deployment));
      expect(next).toMatchObject({ kind: 'switched', generation: { generation: 4 } });
      expect(await liveKeys(deployment)).toEqual([]);
    },
    patience,
  );

  it(
    'goes back to the former generation once that has caught up, and forth again',
    async () => {
      await publish(deployment, many(0, 50));
      await rebuild(builder);
      await rebuild(builder);
      await publish(deployment, [...many(50, 50), retracted(logOf(1, 7))]);
      const back = await buildGeneration(builder.options, chooseFormer(builder.options), new AbortController().signal);
      expect(back).toMatchObject({ kind: 'switched', generation: { generation: 2 }, from: { generation: 3 } });
      const expected = keysOf(many(0, 100).filter((_, index) => index !== 7));
      expect(await liveKeys(deployment)).toEqual(expected);
      const forth = await buildGeneration(builder.options, chooseFormer(builder.options), new AbortController().signal);
      expect(forth).toMatchObject({ kind: 'switched', generation: { generation: 3 }, from: { generation: 2 } });
      expect(await liveKeys(deployment)).toEqual(expected);
    },
    patience,
  );

  it(
    'does not go back to a generation that has stood still for as long as tombstones are kept',
    async () => {
      await publish(deployment, many(0, 50));
      await rebuild(builder);
      await rebuild(builder);
      await query(`update generations set started_at = now() - interval '8 days' where generation = 2`);
      await query(`update applied_offsets set current_at = now() - interval '8 days' where generation = 2`);
      const back = await buildGeneration(builder.options, chooseFormer(builder.options), new AbortController().signal);
      expect(back).toEqual({ kind: 'refused', reason: expect.stringContaining('stood still') });
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 3 });
    },
    patience,
  );
});
