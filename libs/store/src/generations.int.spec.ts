import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  adoptTopic,
  advanceOffset,
  beginGeneration,
  followTopic,
  holdActiveGeneration,
  insertRetractions,
  readAppliedOffsets,
  readGenerations,
  shareActiveGeneration,
  shareGeneration,
  packRevocations,
  upsertRevocations,
} from './index.js';
import { rowOf } from './testing/facts.js';
import { begun, plan, startOver, switched } from './testing/generations.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());
beforeEach(() => store.rows(startOver));

const commandId = '0b5d5f2e-3f0c-4a57-9b1a-0d7a1c9d2e11';
const states = async (): Promise<unknown> =>
  (await readGenerations(store.database)).map(({ generation, slot, state }) => [generation, slot, state]);
const served = async (): Promise<unknown> =>
  (await store.rows('select lock_id from revoked_signatures order by 1')).map(({ lock_id }) => lock_id);
const counted = async (): Promise<unknown> =>
  (await store.rows('select sum(revocations)::integer as n from revocation_counts'))[0]?.['n'];
const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
async function untilWaiting(): Promise<void> {
  while ((await store.rows(waiting)).length === 0);
}

describe('the first generation', () => {
  it('is there from the beginning, of a topic that nobody has seen', async () => {
    expect(await readGenerations(store.database)).toEqual([
      {
        ...{ generation: 1, slot: 'a', state: 'active', topic: null, incarnation: null, reason: 'initial' },
        ...{ commandId: null, targetOffsets: new Map(), startedAt: expect.any(Date), switchedAt: null },
      },
    ]);
  });

  it('is of the topic that is seen first, and so is what was put aside before', async () => {
    const { lockId, signatureHash } = rowOf(7, 1).record;
    const taken = { partition: 0, offset: 3, lockId, signatureHash, reason: 'tombstone' as const, log: null };
    await insertRetractions(store.database, '', [taken]);
    await adoptTopic(store.database, { generation: 1, topic: 'revocations', incarnation: 'first' });
    await adoptTopic(store.database, { generation: 1, topic: 'revocations', incarnation: 'second' });
    expect(await readGenerations(store.database)).toMatchObject([{ topic: 'revocations', incarnation: 'first' }]);
    expect(await store.rows('select incarnation from retractions')).toEqual([{ incarnation: 'first' }]);
  });
});

describe('beginning a generation', () => {
  it('takes the slot that is not served, and leaves the one that is as it is', async () => {
    await upsertRevocations(store.database, 'a', packRevocations([rowOf(1, 1)]));
    expect(await begun(store.database, { commandId })).toMatchObject({
      ...{
        generation: 2,
        slot: 'b',
        state: 'building',
        commandId,
        reason: 'rebuild',
        targetOffsets: new Map([[0, 5]]),
      },
    });
    await upsertRevocations(store.database, 'b', packRevocations([rowOf(2, 1), rowOf(3, 1)]));
    expect(await served()).toEqual(['1']);
    expect(await counted()).toBe(1);
  });

  it('goes on with the one that is being built of the same incarnation, and notes the command', async () => {
    await begun(store.database);
    await upsertRevocations(store.database, 'b', packRevocations([rowOf(2, 1)]));
    expect(await begun(store.database, { commandId })).toMatchObject({ generation: 2, commandId });
    expect(await store.rows('select count(*)::integer as n from revocations_b')).toEqual([{ n: 1 }]);
  });

  it('does nothing for a command that is known', async () => {
    await begun(store.database, { commandId });
    const again = (): Promise<unknown> =>
      store.database.transaction((transaction) => beginGeneration(transaction, { ...plan, commandId }));
    expect(await again()).toBe('command-known');
    await switched(store.database, 2);
    expect(await again()).toBe('command-known');
    expect(await states()).toEqual([
      [1, 'a', 'former'],
      [2, 'b', 'active'],
    ]);
  });

  it('gives up one of another incarnation, and the former one, with their rows and offsets', async () => {
    await begun(store.database);
    const advance = { generation: 2, topic: 'revocations', partition: 0, fromOffset: 0, nextOffset: 5 };
    await advanceOffset(store.database, advance);
    await upsertRevocations(store.database, 'b', packRevocations([rowOf(2, 1)]));
    expect(await begun(store.database, { incarnation: 'second' })).toMatchObject({ generation: 3, slot: 'b' });
    expect(await store.rows('select from revocations_b')).toEqual([]);
    expect(await readAppliedOffsets(store.database, { generation: 2, topic: 'revocations' })).toEqual(new Map());
    await switched(store.database, 3);
    expect(await begun(store.database, { incarnation: 'second' })).toMatchObject({ generation: 4, slot: 'a' });
    expect(await states()).toEqual([
      [3, 'b', 'active'],
      [4, 'a', 'building'],
    ]);
  });

  it('makes one of two that begin at the same time', async () => {
    const both = await Promise.all([begun(store.database), begun(store.database)]);
    expect(both.map(({ generation }) => generation)).toEqual([2, 2]);
  });

  it('is known to a builder that was paused meanwhile: it writes nothing into the slot of another', async () => {
    await begun(store.database);
    await begun(store.database, { incarnation: 'second' });
    const advance = { generation: 2, topic: 'revocations', partition: 0, fromOffset: 0, nextOffset: 5 };
    expect(await advanceOffset(store.database, advance)).toBe('stale');
    expect(await shareGeneration(store.database, 2)).toBe('abandoned');
    expect(await shareGeneration(store.database, 3)).toMatchObject({ slot: 'b', state: 'building' });
  });

  it('waits for a builder that is writing', async () => {
    await begun(store.database);
    const [sharing, end] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const builder = store.database.transaction(async (transaction) => {
      await shareGeneration(transaction, 2);
      sharing.resolve(undefined);
      await end.promise;
      await upsertRevocations(transaction, 'b', packRevocations([rowOf(2, 1)]));
    });
    await sharing.promise;
    const next = begun(store.database, { incarnation: 'second' });
    await untilWaiting();
    end.resolve(undefined);
    await builder;
    await next;
    expect(await store.rows('select from revocations_b')).toEqual([]);
  });

  it('lets readers go on although one of them reads for long', async () => {
    const [reading, end] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const reader = store.database.snapshot(async (snapshot) => {
      await snapshot.query('select count(*) from revoked_signatures');
      reading.resolve(undefined);
      await end.promise;
    });
    await reading.promise;
    const next = begun(store.database);
    await untilWaiting();
    for (let read = 0; read < 5; read++) expect(await served()).toEqual([]);
    end.resolve(undefined);
    await reader;
    expect(await next).toMatchObject({ generation: 2 });
  });
});

describe('the switch', () => {
  it('shows the rows and counts of the other generation, all at once, and back again', async () => {
    await upsertRevocations(store.database, 'a', packRevocations([rowOf(1, 1)]));
    await begun(store.database);
    await upsertRevocations(store.database, 'b', packRevocations([rowOf(2, 1), rowOf(3, 1)]));
    await switched(store.database, 2);
    expect([await served(), await counted()]).toEqual([['2', '3'], 2]);
    await switched(store.database, 1);
    expect([await served(), await counted()]).toEqual([['1'], 1]);
    expect(await states()).toEqual([
      [1, 'a', 'active'],
      [2, 'b', 'former'],
    ]);
  });

  it('is refused to a generation that is given up, or served already', async () => {
    await begun(store.database);
    await begun(store.database, { incarnation: 'second' });
    await expect(switched(store.database, 2)).rejects.toThrow('generation 2 cannot be switched to');
    await expect(switched(store.database, 1)).rejects.toThrow('generation 1 cannot be switched to');
    expect(await states()).toEqual([
      [1, 'a', 'active'],
      [3, 'b', 'building'],
    ]);
  });

  it('keeps those waiting who write, and they find the other generation; who reads does not wait', async () => {
    await begun(store.database);
    const [held, end] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const { database } = store;
    const switching = database.transaction(async (transaction) => {
      expect(await holdActiveGeneration(transaction)).toMatchObject({ generation: 1 });
      held.resolve(undefined);
      await end.promise;
      await transaction.query(`update generations set state = 'former' where generation = 1`);
      await transaction.query(`update generations set state = 'active' where generation = 2`);
      await transaction.query(`update active_generation set generation = 2, slot = 'b'`);
    });
    await held.promise;
    const writer = database.transaction((transaction) => shareActiveGeneration(transaction));
    await untilWaiting();
    expect(await served()).toEqual([]);
    end.resolve(undefined);
    await switching;
    expect(await writer).toMatchObject({ generation: 2, slot: 'b' });
  });

  it('waits for those who write, and is not kept waiting by those who begin to after it', async () => {
    const [sharing, end] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const { database } = store;
    const first = database.transaction(async (transaction) => {
      await shareActiveGeneration(transaction);
      sharing.resolve(undefined);
      await end.promise;
    });
    await sharing.promise;
    const order: string[] = [];
    const holds = database.transaction(async (transaction) => {
      await holdActiveGeneration(transaction);
      order.push('switch');
    });
    await untilWaiting();
    const later = database.transaction(async (transaction) => {
      await shareActiveGeneration(transaction);
      order.push('writer');
    });
    while ((await store.rows(waiting)).length < 2);
    end.resolve(undefined);
    await Promise.all([first, holds, later]);
    expect(order).toEqual(['switch', 'writer']);
  });
});

describe('a topic without generations', () => {
  it('is applied from its beginning again once it was made again', async () => {
    const advance = { generation: 0, topic: 'status', partition: 0, fromOffset: 0, nextOffset: 5 };
    const follow = (incarnation: string): Promise<string> =>
      store.database.transaction((transaction) => followTopic(transaction, { topic: 'status', incarnation }));
    await advanceOffset(store.database, advance);
    expect(await follow('first')).toBe('first-seen');
    expect(await follow('first')).toBe('same');
    expect(await readAppliedOffsets(store.database, advance)).toEqual(new Map([[0, 5]]));
    expect(await follow('second')).toBe('made-again');
    expect(await readAppliedOffsets(store.database, advance)).toEqual(new Map());
    expect(await follow('second')).toBe('same');
  });
});
