import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SignatureEntry } from '@hybrid-sync/domain';
import fc from 'fast-check';
import { addressOf, hashOf, lockIdOf } from '../../domain/src/testing/arbitraries.js';
import { anyEntry, signatureEntry } from '../../domain/src/testing/entries.js';
import { readEntryStandings, upsertEntries } from './index.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());
beforeEach(() => store.rows('truncate recorded_entries'));

const entry = signatureEntry();
const unknown = { publicKey: null, owner: null, message: null, transactionHash: null, blockNumber: null };

describe('an entry under an id that is recorded', () => {
  it('is the same one, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(anyEntry, async (any) => {
        await upsertEntries(store.database, [any]);
        expect(await readEntryStandings(store.database, [any])).toEqual(['same']);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same one with its metadata in another order', async () => {
    await upsertEntries(store.database, [{ ...entry, metadata: { a: 1, b: 2 } }]);
    expect(await readEntryStandings(store.database, [{ ...entry, metadata: { b: 2, a: 1 } }])).toEqual(['same']);
  });

  it.each<readonly [string, Partial<SignatureEntry>]>([
    ['lock', { lockId: lockIdOf(7) }],
    ['signature', { signature: 'another' }],
    ['public key', { publicKey: '0x05' }],
    ['owner', { owner: addressOf(1) }],
    ['message', { message: '' }],
    ['transaction', { transactionHash: hashOf(1) }],
    ['block', { blockNumber: 1001 }],
    ['time', { timestamp: entry.timestamp + 1 }],
    ['metadata', { metadata: { door: 8, note: null } }],
  ])('is another one with another %s', async (_, changes) => {
    await upsertEntries(store.database, [entry]);
    expect(await readEntryStandings(store.database, [{ ...entry, ...changes }])).toEqual(['changed']);
    expect(await readEntryStandings(store.database, [entry])).toEqual(['same']);
  });

  it('is another one where more or less is known', async () => {
    await upsertEntries(store.database, [{ ...entry, ...unknown }]);
    expect(await readEntryStandings(store.database, [entry])).toEqual(['changed']);
    expect(await readEntryStandings(store.database, [{ ...entry, ...unknown }])).toEqual(['same']);
  });
});

describe('entries', () => {
  it('are looked at one by one, in their order', async () => {
    const other = { ...entry, entryId: '00000000-0000-4000-8000-000000000001' };
    const changed = { ...entry, message: 'another' };
    await upsertEntries(store.database, [entry]);
    expect(await readEntryStandings(store.database, [changed, other, entry, changed])).toEqual([
      'changed',
      'unknown',
      'same',
      'changed',
    ]);
    expect(await readEntryStandings(store.database, [])).toEqual([]);
  });
});
