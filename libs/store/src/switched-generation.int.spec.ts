import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { revocationKey, type ComponentStatus } from '@hybrid-sync/domain';
import {
  adoptTopic,
  countUnresolvedDeadLetters,
  insertCoverageClaim,
  insertDeadLetters,
  hasDeadLettersAhead,
  insertRetractions,
  overtakeDeadLetters,
  pruneCoverageClaims,
  readSyncState,
  supersedeDeadLetters,
  upsertComponentStatus,
  packRevocations,
  upsertRevocations,
  type DeadLetter,
} from './index.js';
import { coverageOf, originOf, rowOf, statusOf } from './testing/facts.js';
import { begun, startOver, switched } from './testing/generations.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());
beforeEach(async () => {
  await store.rows(startOver);
  await adoptTopic(store.database, { generation: 1, topic: 'revocations', incarnation: 'first' });
});

const key = revocationKey(rowOf(7, 1).record);
const letterAt = (offset: number, revocationKey: string | null = key): DeadLetter => ({
  ...{ topic: 'revocations', incarnation: 'first', partition: 0, offset, revocationKey, reason: 'not JSON' },
  ...{ key: null, value: null, headers: {} },
});
const resolutions = async (): Promise<unknown> =>
  (await store.rows('select resolution from dead_letters order by record_offset')).map(({ resolution }) => resolution);

describe('the dead letters, at the switch', () => {
  it('are resolved where the generation did not meet them, and open again after the switch back', async () => {
    await insertDeadLetters(store.database, [letterAt(3), letterAt(4)], 1);
    await begun(store.database);
    await insertDeadLetters(store.database, [letterAt(4), letterAt(9, null)], 2);
    expect(await countUnresolvedDeadLetters(store.database)).toBe(3);
    await switched(store.database, 2);
    expect(await resolutions()).toEqual(['rebuild', null, null]);
    await switched(store.database, 1);
    expect(await resolutions()).toEqual([null, null, 'rebuild']);
    await switched(store.database, 2);
    expect(await resolutions()).toEqual(['rebuild', null, null]);
  });

  it('of another topic, and those that an operator has dismissed, stay as they are', async () => {
    await insertDeadLetters(store.database, [{ ...letterAt(3), topic: 'status' }]);
    await insertDeadLetters(store.database, [letterAt(4)], 1);
    await store.rows(`update dead_letters set resolved_at = now(), resolution = 'dismissed' where record_offset = 4`);
    await begun(store.database);
    await insertDeadLetters(store.database, [letterAt(4)], 2);
    await switched(store.database, 2);
    expect(await resolutions()).toEqual([null, 'dismissed']);
  });

  it('that were replayed into the generation before are open again where this one met them too', async () => {
    await insertDeadLetters(store.database, [letterAt(3)], 1);
    await store.rows(`update dead_letters set resolved_at = now(), resolution = 'replayed', resolved_in = 1`);
    await begun(store.database);
    await insertDeadLetters(store.database, [letterAt(3)], 2);
    await switched(store.database, 2);
    expect(await resolutions()).toEqual([null]);
  });

  it('are resolved where the builder went past them to a later record of the key, whatever came after that', async () => {
    const place = { topic: 'revocations', incarnation: 'first', partition: 0 };
    const overtaken = { ...place, revocationKeys: [key], below: 8 };
    await begun(store.database);
    expect(await hasDeadLettersAhead(store.database, place, 2)).toBe(false);
    await insertDeadLetters(store.database, [letterAt(3), letterAt(5, 'another'), letterAt(9)], 2);
    expect(await hasDeadLettersAhead(store.database, place, 2)).toBe(true);
    await overtakeDeadLetters(store.database, overtaken, 2);
    await overtakeDeadLetters(store.database, overtaken, 2);
    expect(await resolutions()).toEqual([null, null, null]);
    await switched(store.database, 2);
    expect(await resolutions()).toEqual(['superseded', null, null]);
    expect(await store.rows('select overtaken_in from dead_letters order by record_offset limit 1')).toEqual([
      { overtaken_in: [2] },
    ]);
  });

  it('stay open where only another generation went past them', async () => {
    await begun(store.database);
    await insertDeadLetters(store.database, [letterAt(3)], 1);
    await insertDeadLetters(store.database, [letterAt(3)], 2);
    const place = { topic: 'revocations', incarnation: 'first', partition: 0 };
    await overtakeDeadLetters(store.database, { ...place, revocationKeys: [key], below: 8 }, 1);
    await switched(store.database, 2);
    expect(await resolutions()).toEqual([null]);
  });
});

describe('a dead letter', () => {
  it('is superseded by a later record of its key in its partition, and by no other', async () => {
    const supersede = (partition: number, incarnation: string, below: number): Promise<void> =>
      supersedeDeadLetters(store.database, {
        ...{ topic: 'revocations', incarnation, partition, revocationKeys: [key, 'x'], below },
      });
    await insertDeadLetters(store.database, [letterAt(3), letterAt(5), letterAt(4, 'another'), letterAt(2, null)], 1);
    await supersede(1, 'first', 9);
    await supersede(0, 'second', 9);
    expect(await countUnresolvedDeadLetters(store.database)).toBe(4);
    await supersede(0, 'first', 5);
    expect(await resolutions()).toEqual([null, 'superseded', null, null]);
  });

  it('is another one in another incarnation of the topic', async () => {
    await insertDeadLetters(store.database, [letterAt(3)], 1);
    await insertDeadLetters(store.database, [letterAt(3)], 1);
    await insertDeadLetters(store.database, [{ ...letterAt(3), incarnation: 'second' }], 2);
    expect(await store.rows('select incarnation, met_by from dead_letters order by 1')).toEqual([
      { incarnation: 'first', met_by: [1] },
      { incarnation: 'second', met_by: [2] },
    ]);
  });
});

describe('coverage', () => {
  const covered = async (): Promise<number | null> =>
    (await readSyncState(store.database)).realtime?.coverage?.coveredTo ?? null;
  async function say(coveredTo: number, topicIncarnation: string | null, offset = coveredTo): Promise<void> {
    const status: ComponentStatus = statusOf();
    const origin = { ...originOf(offset, 1_700_000_000_000), topicIncarnation };
    await upsertComponentStatus(store.database, status, origin);
    await insertCoverageClaim(store.database, status.component, coverageOf(coveredTo), origin);
    await pruneCoverageClaims(store.database);
  }

  it('counts for the incarnation of the topic that is served, or where the ingester does not say', async () => {
    await say(10, 'second');
    expect(await covered()).toBeNull();
    await say(11, 'first');
    expect(await covered()).toBe(11);
    await say(12, 'second');
    expect(await covered()).toBe(11);
    await say(13, null);
    expect(await covered()).toBe(13);
  });

  it('is that of the other incarnation after the switch', async () => {
    await say(11, 'first');
    await say(12, 'second');
    await begun(store.database, { incarnation: 'second' });
    expect(await covered()).toBe(11);
    await switched(store.database, 2);
    expect(await covered()).toBe(12);
  });

  it('follows the newest words, also where the topic of the words was made again and counts from 0', async () => {
    await say(100, 'first', 5_000);
    await say(90, 'first', 0);
    expect(await covered()).toBe(90);
    await say(91, 'first', 5_000);
    expect(await covered()).toBe(91);
  });

  it('is contradicted by retractions of its own incarnation only', async () => {
    const { record } = rowOf(7, 1, { block: 5 });
    const { lockId, signatureHash } = record;
    const taken = { partition: 0, offset: 3, lockId, signatureHash, reason: 'reorg' as const, log: record };
    const contradicted = async (): Promise<unknown> =>
      (await readSyncState(store.database)).realtime?.coverage?.contradicted;
    await store.rows(
      `insert into applied_offsets (generation, topic, partition, next_offset) values (1, 'revocations', 0, 9)`,
    );
    await say(10, 'first');
    await insertRetractions(store.database, 'second', [taken]);
    expect(await contradicted()).toBe(false);
    await insertRetractions(store.database, 'first', [taken]);
    expect(await contradicted()).toBe(true);
  });

  it('is none in a snapshot that is older than the emptying of its slot: rows that it does not find may have been there', async () => {
    await say(10, null);
    await upsertRevocations(store.database, 'a', packRevocations([rowOf(7, 1)]));
    await store.database.snapshot(async (snapshot) => {
      await snapshot.query('select from active_generation');
      await begun(store.database);
      await switched(store.database, 2);
      await begun(store.database);
      expect((await snapshot.query('select from revoked_signatures')).rowCount).toBe(0);
      expect((await readSyncState(snapshot)).realtime?.coverage).toBeNull();
    });
  });

  it('once read keeps the rows of its snapshot from being emptied', async () => {
    await say(10, null);
    await upsertRevocations(store.database, 'a', packRevocations([rowOf(7, 1)]));
    await begun(store.database);
    const next = await store.database.snapshot(async (snapshot) => {
      expect((await readSyncState(snapshot)).realtime?.coverage).not.toBeNull();
      await switched(store.database, 2);
      const emptied = begun(store.database);
      while (
        (
          await store.rows(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          )
        ).length === 0
      );
      expect((await snapshot.query('select from revoked_signatures')).rowCount).toBe(1);
      return { emptied };
    });
    expect(await next.emptied).toMatchObject({ generation: 3, slot: 'a' });
  });
});
