import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endOffsets, topicIncarnation } from '@hybrid-sync/kafka';
import { adoptTopic, holdActiveGeneration, shareActiveGeneration, type Generation } from '@hybrid-sync/store';
import { alterTopic } from '../../../libs/kafka/src/testing/admin.js';
import { produceForeign } from '../../../libs/kafka/src/testing/foreign-producer.js';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { switchGeneration, type SwitchOptions } from './builder-switch.js';
import { buildGeneration } from './builder.js';
import { beginRebuild } from './rebuild-begin.js';
import { chooseFormer } from './rebuild-choice.js';
import { builderOf, generationOf, rebuild, type TestBuilder } from './testing/building.js';
import { Deployment } from './testing/deployment.js';
import { logOf, retracted, revoked } from './testing/records.js';
import { hold, keysOf, liveKeys, many, publish, somebodyWaits } from './testing/revocation-rows.js';

const patience = 90_000;
let deployment: Deployment;
let builder: TestBuilder;

beforeEach(async () => {
  deployment = await Deployment.create();
  builder = builderOf(deployment);
}, patience);
afterEach(() => deployment.drop(), patience);

const query = (sql: string): Promise<readonly Record<string, unknown>[]> => deployment.store.rows(sql);
const letters = (): Promise<unknown> =>
  query(`select resolution, met_by, revocation_key as key from dead_letters order by record_offset`);

async function switchOf(follower: SwitchOptions['follower']): Promise<SwitchOptions> {
  const { database, source } = builder.options;
  const generation = await beginRebuild(database, source, { reason: 'test', commandId: null });
  if (generation === 'command-known') throw new Error('there is no command');
  return { database, source, generation, follower, signal: new AbortController().signal };
}

const caughtUp: SwitchOptions['follower'] = { reached: () => Promise.resolve() };
/** It waits for what never comes. */
const behind: SwitchOptions['follower'] = {
  reached: (_wanted, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    }),
};

describe('the switch', () => {
  it(
    'gives way to projectors where the builder cannot catch up in time, and changes nothing',
    async () => {
      const options = await switchOf(behind);
      const switching = switchGeneration(options);
      await until(async () =>
        (
          await query(
            `select from pg_locks where relation = 'active_generation'::regclass and mode = 'ExclusiveLock' and granted`,
          )
        ).length > 0
          ? true
          : undefined,
      );
      const active = await deployment.store.database.transaction(shareActiveGeneration);
      expect(active).toMatchObject({ generation: 1 });
      expect(await switching).toEqual({ kind: 'late' });
      expect(await switchGeneration({ ...options, follower: caughtUp })).toMatchObject({ kind: 'switched' });
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 2 });
    },
    patience,
  );

  it(
    'gives way where a projector takes too long with a transaction',
    async () => {
      const options = await switchOf(caughtUp);
      const late = await deployment.store.database.transaction(async (projector) => {
        await shareActiveGeneration(projector);
        return switchGeneration(options);
      });
      expect(late).toEqual({ kind: 'late' });
      const held = deployment.store.database.transaction(holdActiveGeneration);
      expect(await held).toMatchObject({ generation: 1 });
    },
    patience,
  );

  it(
    'does not take a builder at its word',
    async () => {
      await publish(deployment, many(0, 20));
      await rebuild(builder);
      await expect(switchGeneration(await switchOf(caughtUp))).rejects.toThrow('lacks what was applied');
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 2 });
    },
    patience,
  );
});

describe('dead letters', () => {
  /** The fold of code that could not read the first record of the partition, and took its key back. */
  async function foldedByOlderCode(active: Generation | null): Promise<void> {
    const { kafka, topics, store } = deployment;
    const incarnation = await topicIncarnation(kafka, topics.revocations);
    const generation = active?.generation ?? 0;
    await adoptTopic(store.database, { generation, topic: topics.revocations, incarnation });
    const [at] = [...(await endOffsets(kafka, topics.revocations))].filter(([, end]) => end > 0);
    await query(`insert into applied_offsets (generation, topic, partition, next_offset)
      values (${generation}, '${topics.revocations}', ${at?.[0]}, ${at?.[1]})`);
    await query(`insert into dead_letters
      (topic, incarnation, partition, record_offset, revocation_key, headers, reason, met_by)
      values ('${topics.revocations}', '${incarnation}', ${at?.[0]}, 0, '${String(revoked(logOf(1, 1)).key)}', '{}', 'old code', '{1}')`);
  }

  it(
    'that the new generation did not meet are resolved, and open again where the former one comes back',
    async () => {
      await publish(deployment, many(1, 1));
      await foldedByOlderCode(await generationOf(deployment, 'active'));
      expect(await letters()).toMatchObject([{ resolution: null }]);
      await rebuild(builder);
      expect(await liveKeys(deployment)).toEqual(keysOf(many(1, 1)));
      expect(await letters()).toMatchObject([{ resolution: 'rebuild' }]);
      const back = await buildGeneration(builder.options, chooseFormer(builder.options), new AbortController().signal);
      expect(back).toMatchObject({ kind: 'switched', generation: { generation: 1 } });
      expect(await liveKeys(deployment)).toEqual([]);
      expect(await letters()).toMatchObject([{ resolution: null }]);
    },
    patience,
  );

  it(
    'stay open where the new generation met them too, unless a later record of the key told the truth',
    async () => {
      const [bad, overtaken] = [revoked(logOf(1, 1)), revoked(logOf(1, 2))];
      await produceForeign(deployment.brokers, deployment.topics.revocations, [
        { key: String(bad.key), value: String(bad.value), partition: 0 },
        { key: String(bad.key), value: 'garbage', partition: 0 },
        { key: String(overtaken.key), value: 'garbage', partition: 0 },
        { key: String(overtaken.key), value: String(overtaken.value), partition: 0 },
        { key: String(bad.key), value: String(bad.value), partition: 0 },
        { key: String(bad.key), value: 'garbage again', partition: 0 },
      ]);
      for (const metBy of [[2], [2, 3]]) {
        await rebuild(builder);
        expect(await liveKeys(deployment)).toEqual(keysOf([overtaken]));
        expect(await letters()).toEqual([
          { resolution: 'superseded', met_by: metBy, key: bad.key },
          { resolution: 'superseded', met_by: metBy, key: overtaken.key },
          { resolution: null, met_by: metBy, key: bad.key },
        ]);
        const retractions = await query('select reason from retractions');
        expect(retractions).toEqual(Array(3).fill({ reason: 'malformed' }));
      }
    },
    patience,
  );
});

describe('a topic that is compacted while it is folded', () => {
  it(
    'gives the same fold',
    async () => {
      const { brokers, kafka, topics } = deployment;
      await publish(deployment, [...many(0, 200), ...many(0, 100).map((_, index) => retracted(logOf(1, index)))]);
      await beginRebuild(builder.options.database, builder.options.source, { reason: 'test', commandId: null });
      const held = await hold(deployment, 'slot_counts in share mode');
      const building = rebuild(builder);
      await somebodyWaits(deployment);
      await alterTopic(brokers, topics.revocations, {
        'cleanup.policy': 'compact',
        'segment.ms': '500',
        'min.cleanable.dirty.ratio': '0.001',
        'min.compaction.lag.ms': '0',
        'max.compaction.lag.ms': '500',
      });
      const ends = await endOffsets(kafka, topics.revocations);
      // A segment is closed by the next record that comes.
      await until(async () => {
        await publish(deployment, many(1_000, 20));
        const left = await deployment.records(topics.revocations);
        const first = left.filter(({ partition, offset }) => offset < (ends.get(partition) ?? 0));
        return first.length < total(ends) ? true : undefined;
      });
      await held.end();
      await building;
      expect(await liveKeys(deployment)).toEqual(keysOf([...many(100, 100), ...many(1_000, 20)]));
    },
    patience,
  );
});

function total(offsets: ReadonlyMap<number, number>): number {
  return [...offsets.values()].reduce((sum, next) => sum + next, 0);
}
