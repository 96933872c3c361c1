import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  findDeadLetters,
  insertDeadLetters,
  listDeadLetters,
  resolveDeadLetter,
  type DeadLetter,
  type LetterFilter,
  type LetterResolution,
} from './index.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());
beforeEach(() => store.rows('truncate dead_letters'));

const letterAt = (offset: number, changes: Partial<DeadLetter> = {}): DeadLetter => ({
  topic: 'revocations',
  incarnation: 'first',
  partition: 3,
  offset,
  key: Buffer.from([0xff, 0x00]),
  revocationKey: null,
  value: null,
  headers: { source: 'cmVhbHRpbWU=' },
  reason: 'not JSON',
  ...changes,
});
const insert = (...letters: readonly DeadLetter[]): Promise<void> => insertDeadLetters(store.database, letters);
const offsets = async (filter: Partial<LetterFilter> = {}): Promise<readonly number[]> =>
  (await listDeadLetters(store.database, { topic: null, resolved: true, limit: 10, ...filter })).map(
    ({ offset }) => offset,
  );
const dismissed: LetterResolution = { resolution: 'dismissed', by: 'ann', note: 'noise', generation: null };
const resolve = (letter: DeadLetter, how: LetterResolution): ReturnType<typeof resolveDeadLetter> =>
  resolveDeadLetter(store.database, letter, how);

describe('the dead letters of the table', () => {
  it('are given back as they came', async () => {
    const letter = letterAt(7, { revocationKey: '1-0xab', value: Buffer.from([0, 1]) });
    await insert(letter);
    const unresolved = { resolvedAt: null, resolution: null, resolvedBy: null, note: null };
    expect(await findDeadLetters(store.database, letter)).toEqual([
      { ...letter, ...unresolved, createdAt: expect.any(Date) },
    ]);
  });

  it('are listed by topic, unresolved or all, and no more than asked for', async () => {
    await insert(letterAt(7), letterAt(8), letterAt(9), letterAt(1, { topic: 'status' }));
    await resolve(letterAt(8), dismissed);
    expect(await offsets()).toEqual([9, 8, 7, 1]);
    expect(await offsets({ resolved: false })).toEqual([9, 7, 1]);
    expect(await offsets({ topic: 'revocations', limit: 2 })).toEqual([9, 8]);
  });

  it('are found once for each incarnation of the topic', async () => {
    await insert(letterAt(7), letterAt(7, { incarnation: 'second' }), letterAt(7, { partition: 4 }));
    const found = await findDeadLetters(store.database, letterAt(7));
    expect(found.map(({ incarnation }) => incarnation).sort()).toEqual(['first', 'second']);
  });
});

describe('the resolution of a dead letter', () => {
  it('says what became of it, who did it, when and why', async () => {
    await insert(letterAt(7), letterAt(7, { incarnation: 'second' }));
    expect(await resolve(letterAt(7), { ...dismissed, generation: 4 })).toBe('resolved');
    expect(
      await store.rows(`select resolution, resolved_by, note, resolved_in, resolved_at > created_at as later
                        from dead_letters order by incarnation`),
    ).toEqual([
      { resolution: 'dismissed', resolved_by: 'ann', note: 'noise', resolved_in: 4, later: true },
      { resolution: null, resolved_by: null, note: null, resolved_in: null, later: null },
    ]);
  });

  it('is made once', async () => {
    await insert(letterAt(7));
    await resolve(letterAt(7), { ...dismissed, resolution: 'replayed' });
    expect(await resolve(letterAt(7), { ...dismissed, by: 'bob' })).toBe('resolved-before');
    expect(await resolve(letterAt(7), { ...dismissed, by: 'bob', resolution: 'replayed' })).toBe('resolved-before');
    expect(await store.rows('select resolved_by from dead_letters')).toEqual([{ resolved_by: 'ann' }]);
  });

  it('may be a replay after it was dismissed', async () => {
    await insert(letterAt(7));
    await resolve(letterAt(7), dismissed);
    expect(await resolve(letterAt(7), { ...dismissed, resolution: 'replayed' })).toBe('resolved');
    expect(await store.rows('select resolution from dead_letters')).toEqual([{ resolution: 'replayed' }]);
  });

  it('finds nothing to resolve where there is no letter', async () => {
    expect(await resolve(letterAt(7), dismissed)).toBe('resolved-before');
  });
});
