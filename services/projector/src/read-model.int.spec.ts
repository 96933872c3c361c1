import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { topicNames } from '@hybrid-sync/domain';
import { RecordTooLargeError, type OutgoingRecord } from '@hybrid-sync/kafka';
import { beginGeneration, readAppliedOffsets, type DeadLetter } from '@hybrid-sync/store';
import { identity } from '../../../libs/domain/src/testing/arbitraries.js';
import { testStore, type TestStore } from '../../../libs/store/src/testing/test-store.js';
import { ReadModel, type AppliedPart } from './read-model.js';
import { batchesOf, batchOf, logOf, recordsOf, retracted, revoked, type Written } from './testing/records.js';

const topics = topicNames('test');
const place = { topic: topics.revocations, partition: 3 };

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

let published: OutgoingRecord[];
let reported: DeadLetter[];
let publishing: () => Promise<void>;
beforeEach(async () => {
  await store.rows('truncate revocations_a, retractions, dead_letters, applied_offsets');
  await store.rows(`update generations set topic = null, topic_incarnation = null where state = 'active'`);
  [published, reported] = [[], []];
  publishing = () => Promise.resolve();
});

function readModel(changes: Partial<ConstructorParameters<typeof ReadModel>[0]> = {}): ReadModel {
  const publisher = {
    publish: async (_topic: string, records: readonly OutgoingRecord[]) => {
      await publishing();
      published.push(...records);
      return new Map<number, number>();
    },
    close: () => Promise.resolve(),
  };
  const incarnationOf = (): null => null;
  const applied = ({ deadLetters }: AppliedPart): void => void reported.push(...deadLetters);
  const options = { database: store.database, publisher, topics, identity, incarnationOf, applied };
  return new ReadModel({ ...options, target: 'active', ...changes });
}

const garbage: Written = { key: 'elsewhere', value: 'garbage' };
const batch = (...written: readonly Written[]): ReturnType<typeof batchOf> => batchOf(recordsOf(written, place));
const tables = (): Promise<unknown> =>
  store.rows(
    `select (select coalesce(sum(revocations), 0)::integer from revocation_counts) as counted,
       (select count(*)::integer from revoked_signatures) as live, (select count(*)::integer from retractions) as retracted,
       (select count(*)::integer from dead_letters) as dead, (select max(next_offset)::integer from applied_offsets) as applied`,
  );

describe('the read model', () => {
  it('takes a batch once, although a twin that was paused applies it at the same time', async () => {
    const written = batch(revoked(logOf(1, 1)), revoked(logOf(1, 2)), retracted(logOf(1, 2)), garbage);
    const outcomes = await Promise.all([1, 2, 3].map(() => readModel().applyRevocations(written)));
    expect(outcomes.sort()).toEqual(['applied', 'stale', 'stale']);
    expect(reported).toHaveLength(1);
    expect(await tables()).toEqual([{ counted: 1, live: 1, retracted: 1, dead: 1, applied: 4 }]);
  });

  it('writes nothing of a batch that is older than what is there', async () => {
    const model = readModel();
    const older = batch(revoked(logOf(1, 1)));
    await model.applyRevocations(older);
    const newer = { ...batch(retracted(logOf(1, 1))), fromOffset: 1, nextOffset: 2 };
    expect(await model.applyRevocations(newer)).toBe('applied');
    expect(await model.applyRevocations(older)).toBe('stale');
    expect(await tables()).toMatchObject([{ live: 0, applied: 2 }]);
  });

  it('moves the offset together with the rows, or neither', async () => {
    await store.rows('alter table retractions rename to elsewhere');
    const written = batch(revoked(logOf(1, 1)), retracted(logOf(1, 2)), garbage);
    await expect(readModel().applyRevocations(written)).rejects.toThrow('does not exist');
    await store.rows('alter table elsewhere rename to retractions');
    expect(await tables()).toEqual([{ counted: 0, live: 0, retracted: 0, dead: 0, applied: null }]);
    expect(reported).toEqual([]);
    expect(await readModel().applyRevocations(written)).toBe('applied');
    expect(await tables()).toEqual([{ counted: 1, live: 1, retracted: 1, dead: 1, applied: 3 }]);
  });

  it('writes nothing before a dead letter is on its topic', async () => {
    publishing = () => Promise.reject(new Error('kafka is down'));
    await expect(readModel().applyRevocations(batch(garbage))).rejects.toThrow('kafka is down');
    expect(await tables()).toMatchObject([{ dead: 0, applied: null }]);
  });

  it('publishes a dead letter without its bytes where the topic takes them for too large', async () => {
    const refusals = [new RecordTooLargeError(topics.deadLetters, 9, 100)];
    publishing = () => {
      const refusal = refusals.pop();
      return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
    };
    expect(await readModel().applyRevocations(batch(garbage))).toBe('applied');
    expect(published).toMatchObject([{ key: '', value: '', headers: { 'dead-letter-too-large': 'true' } }]);
    expect(await store.rows('select value from dead_letters')).toEqual([{ value: Buffer.from('garbage') }]);
  });

  it('moves over offsets that hold no record', async () => {
    const empty = { ...place, fromOffset: 0, nextOffset: 7, endOffset: 7, records: [] };
    expect(await readModel().applyRevocations(empty)).toBe('applied');
    expect(await readAppliedOffsets(store.database, { generation: 1, topic: topics.revocations })).toEqual(
      new Map([[3, 7]]),
    );
  });

  it('puts aside the records of a batch that the database refuses, and applies the others in their order', async () => {
    // The contract of the topic leaves nothing that a column would not take: a rule of this database's own.
    await store.rows('alter table revocations_a add check (block_number <> 13)');
    const spoilt = revoked(logOf(1, 2));
    const refused = revoked(logOf(1, 2, 13)).value;
    const written = batch(
      spoilt,
      revoked(logOf(1, 1, 10)),
      retracted(logOf(1, 1, 10)),
      { key: spoilt.key, value: refused },
      revoked(logOf(1, 1, 11), 'batch'),
      { key: spoilt.key, value: refused },
    );
    expect(await readModel().applyRevocations({ ...written, nextOffset: 9 })).toBe('applied');
    expect(await tables()).toEqual([{ counted: 1, live: 1, retracted: 3, dead: 2, applied: 9 }]);
    expect(await store.rows('select block_number, first_published_by as by from revoked_signatures')).toEqual([
      { block_number: '11', by: 'batch' },
    ]);
    expect(reported).toMatchObject([
      { offset: 3, revocationKey: spoilt.key },
      { offset: 5, revocationKey: spoilt.key },
    ]);
    expect(published).toMatchObject([{ key: spoilt.key }, { key: spoilt.key }]);
  });

  it('takes a key back by a record that it cannot read, until a good one comes', async () => {
    const log = logOf(1, 1);
    const bad = { key: revoked(log).key, value: 'garbage' };
    const records = recordsOf([revoked(log), bad, revoked(log), bad, bad, revoked(log)], place);
    const open = (): Promise<unknown> =>
      store.rows(`select record_offset::integer as at, resolution from dead_letters order by record_offset`);
    const model = readModel();
    const [first, second, third] = batchesOf(records, [2, 2]);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three batches');
    await model.applyRevocations(first);
    expect(await tables()).toMatchObject([{ live: 0, retracted: 1 }]);
    expect(await open()).toEqual([{ at: 1, resolution: null }]);
    await model.applyRevocations(second);
    expect(await tables()).toMatchObject([{ live: 0, retracted: 2 }]);
    expect(await open()).toEqual([
      { at: 1, resolution: 'superseded' },
      { at: 3, resolution: null },
    ]);
    await model.applyRevocations(third);
    expect(await tables()).toMatchObject([{ live: 1, retracted: 3 }]);
    expect(await open()).toEqual([1, 3, 4].map((at) => ({ at, resolution: 'superseded' })));
  });

  it('writes nothing of a topic that is another one than the generation folds', async () => {
    await store.rows(`update generations set topic = '${topics.revocations}', topic_incarnation = 'one'`);
    const written = batch(revoked(logOf(1, 1)));
    expect(await readModel({ incarnationOf: () => 'other' }).applyRevocations(written)).toBe('stale');
    expect(await tables()).toMatchObject([{ live: 0, applied: null }]);
    expect(await readModel({ incarnationOf: () => 'one' }).applyRevocations(written)).toBe('applied');
  });

  it('folds into a generation that is being built, and leaves dead letters as answers need them', async () => {
    const bad = { key: revoked(logOf(1, 1)).key, value: 'garbage' };
    await readModel().applyRevocations(batch(bad));
    const plan = { topic: topics.revocations, incarnation: '', reason: 'rebuild', commandId: null };
    const target = await store.database.transaction((transaction) =>
      beginGeneration(transaction, { ...plan, targetOffsets: new Map() }),
    );
    if (target === 'command-known') throw new Error('there was no command');
    const builder = readModel({ target });
    expect(await builder.applyRevocations(batch(bad, revoked(logOf(1, 1)), revoked(logOf(1, 2))))).toBe('applied');
    expect(await tables()).toMatchObject([{ live: 0, dead: 1 }]);
    expect(await store.rows(`select count(*)::integer as n from revocations_b`)).toEqual([{ n: 2 }]);
    expect(await store.rows('select resolution, met_by from dead_letters')).toEqual([
      { resolution: null, met_by: [1, target.generation] },
    ]);
    await store.rows(`update generations set state = 'abandoned' where state = 'building'`);
    const late = { ...batch(revoked(logOf(1, 3))), fromOffset: 3, nextOffset: 4 };
    expect(await builder.applyRevocations(late)).toBe('stale');
  });
});
