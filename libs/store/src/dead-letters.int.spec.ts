import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { countDeadLettersOf, countUnresolvedDeadLetters, insertDeadLetters, type DeadLetter } from './index.js';
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
const insert = (offset: number, changes: Partial<DeadLetter> = {}): Promise<void> =>
  insertDeadLetters(store.database, [letterAt(offset, changes)]);
const hides = (revocationKeys: readonly string[], partitions: readonly number[]): Promise<number> =>
  countDeadLettersOf(store.database, { topic: 'revocations', revocationKeys, partitions });

describe('a dead letter', () => {
  it('is kept as it came, once', async () => {
    await insert(7);
    await insert(7, { reason: 'another' });
    expect(await store.rows('select key, value, headers, reason, resolved_at from dead_letters')).toEqual([
      {
        key: Buffer.from([0xff, 0x00]),
        value: null,
        headers: { source: 'cmVhbHRpbWU=' },
        reason: 'not JSON',
        resolved_at: null,
      },
    ]);
  });

  it('hides its own key only, where that can be read', async () => {
    await insert(7, { revocationKey: '1-0xab' });
    expect(await hides(['1-0xab'], [3])).toBe(1);
    expect(await hides(['2-0xcd', '1-0xab'], [5, 6])).toBe(1);
    expect(await hides(['2-0xcd'], [3])).toBe(0);
  });

  it('hides its whole partition, where the key cannot be read', async () => {
    await insert(7);
    expect(await hides(['1-0xab'], [2, 3])).toBe(1);
    expect(await hides(['1-0xab'], [2])).toBe(0);
  });

  it('of another topic hides nothing, and is counted all the same', async () => {
    await insert(7, { topic: 'status' });
    expect(await hides(['1-0xab'], [3])).toBe(0);
    expect(await countUnresolvedDeadLetters(store.database)).toBe(1);
  });

  it('hides nothing once it is resolved', async () => {
    await insert(7);
    await store.rows(`update dead_letters set resolved_at = now(), resolution = 'resolved'`);
    expect(await hides(['1-0xab'], [3])).toBe(0);
    expect(await countUnresolvedDeadLetters(store.database)).toBe(0);
  });
});
