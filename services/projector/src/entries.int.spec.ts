import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  encodeEntry,
  readSignature,
  revocationKey,
  signatureHashOf,
  topicNames,
  type Hash32,
  type SignatureEntry,
} from '@hybrid-sync/domain';
import type { RecordBatch } from '@hybrid-sync/kafka';
import { countDeadLettersOf, readLockStats } from '@hybrid-sync/store';
import fc from 'fast-check';
import { hashOf, identity, lockIdOf, revocationLog } from '../../../libs/domain/src/testing/arbitraries.js';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { testStore, type TestStore } from '../../../libs/store/src/testing/test-store.js';
import { changedEntry } from './entry-fold.js';
import { ReadModel } from './read-model.js';
import { Deployment } from './testing/deployment.js';
import { batchOf, entryOf, entryRecord, recordsOf, retracted, revoked, type Written } from './testing/records.js';

const topics = topicNames('test');
const lock = lockIdOf(7);
const hex = `0x${'ab'.repeat(65)}`;

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());
beforeEach(() => store.rows('truncate revocations_a, retractions, dead_letters, applied_offsets, recorded_entries'));

/** A projector that has applied nothing yet. */
class Folder {
  readonly #offsets = new Map<string, number>();
  readonly #model = new ReadModel({
    database: store.database,
    publisher: { publish: () => Promise.resolve(new Map()), close: () => Promise.resolve() },
    topics,
    identity,
    target: 'active',
    incarnationOf: () => null,
    applied: () => undefined,
  });

  async entries(...written: readonly Written[]): Promise<void> {
    expect(await this.#model.applyEntries(this.#next(topics.entries, written))).toBe('applied');
  }

  async revocations(...written: readonly Written[]): Promise<void> {
    expect(await this.#model.applyRevocations(this.#next(topics.revocations, written))).toBe('applied');
  }

  #next(topic: string, written: readonly Written[]): RecordBatch {
    const from = this.#offsets.get(topic) ?? 0;
    this.#offsets.set(topic, from + written.length);
    const records = recordsOf(written, { topic, partition: 0 });
    return batchOf(records.map((record) => ({ ...record, offset: record.offset + from })));
  }
}

const logFor = (signatureHash: Hash32): ReturnType<typeof revocationLog> =>
  revocationLog({ lockId: lock, signatureHash });
const revocationOf = (text: string): Written => revoked(logFor(signatureHashOf(text)));
const retractionOf = (text: string): Written => retracted(logFor(signatureHashOf(text)));
const wasRevoked = async (): Promise<readonly unknown[]> =>
  (await store.rows('select was_revoked from signature_entries order by id')).map((row) => row['was_revoked']);
const letters = (): Promise<readonly Record<string, unknown>[]> =>
  store.rows('select topic, record_offset::integer as at, reason from dead_letters order by record_offset');

describe('an entry of the audit trail', () => {
  it('is kept as it was recorded', async () => {
    const entry = entryOf(1, { publicKey: '-----BEGIN PUBLIC KEY-----\nMFYw', message: 'ünlock' });
    await new Folder().entries(entryRecord(entry));
    expect(
      await store.rows(`select id, lock_id, signature, public_key, encode(owner, 'hex') as owner, message, was_revoked,
        encode(transaction_hash, 'hex') as transaction, block_number, timestamp, metadata from signature_entries`),
    ).toEqual([
      {
        id: entry.entryId,
        lock_id: '7',
        signature: entry.signature,
        public_key: entry.publicKey,
        owner: entry.owner?.slice(2),
        message: 'ünlock',
        was_revoked: false,
        transaction: entry.transactionHash?.slice(2),
        block_number: '1000',
        timestamp: new Date(entry.timestamp),
        metadata: entry.metadata,
      },
    ]);
  });

  it('is revoked whichever of the two came first, and no longer once that is taken back', async () => {
    const folder = new Folder();
    const [early, late] = [entryOf(1, { signature: 'early' }), entryOf(2, { signature: 'late' })];
    await folder.entries(entryRecord(early));
    await folder.revocations(revocationOf('early'), revocationOf('late'));
    await folder.entries(entryRecord(late));
    expect(await wasRevoked()).toEqual([true, true]);
    await folder.revocations(retractionOf('early'));
    expect(await wasRevoked()).toEqual([false, true]);
    expect(await readLockStats(store.database, lock)).toEqual({
      totalRevocations: 1,
      totalEntries: 2,
      revokedEntries: 1,
    });
    await folder.revocations(retractionOf('late'), revocationOf('early'));
    expect(await wasRevoked()).toEqual([true, false]);
  });

  it('is revoked by any reading that a caller of the API is answered with', async () => {
    const folder = new Folder();
    const reading = readSignature(hex);
    const [asText, asBytes] = reading.kind === 'hashes' ? reading.hashes : [];
    if (asText === undefined || asBytes === undefined) throw new Error('hex has two readings');
    await folder.entries(
      entryRecord(entryOf(1, { signature: hex })),
      entryRecord(entryOf(2, { signature: asBytes })),
      entryRecord(entryOf(3, { signature: asText.toUpperCase().replace('0X', '0x') })),
    );
    await folder.revocations(revoked(logFor(asBytes)));
    expect(await wasRevoked()).toEqual([true, true, false]);
    await folder.revocations(retracted(logFor(asBytes)), revoked(logFor(asText)));
    expect(await wasRevoked()).toEqual([true, false, true]);
  });

  it('is not revoked by a revocation of another lock', async () => {
    const folder = new Folder();
    await folder.entries(entryRecord(entryOf(1, { lockId: lockIdOf(8), signature: 'one' })));
    await folder.revocations(revocationOf('one'));
    expect(await wasRevoked()).toEqual([false]);
  });

  it('is right after any order of records and batches', async () => {
    const anyStep = fc.record({
      kind: fc.constantFrom('entry', 'revoked', 'retracted'),
      signatures: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 12 }), async (steps) => {
        await store.rows('truncate revocations_a, retractions, dead_letters, applied_offsets, recorded_entries');
        const folder = new Folder();
        const [recorded, live] = [new Set<number>(), new Set<number>()];
        for (const { kind, signatures } of steps) {
          await folderStep(folder, kind, signatures);
          for (const signature of signatures) note({ recorded, live }, kind, signature);
        }
        const expected = [...recorded].sort().map((signature) => live.has(signature));
        expect(await wasRevoked()).toEqual(expected);
        expect(await readLockStats(store.database, lock)).toEqual({
          totalRevocations: live.size,
          totalEntries: recorded.size,
          revokedEntries: expected.filter(Boolean).length,
        });
      }),
      { numRuns: 30 },
    );
  }, 120_000);
});

describe('records of the entries topic', () => {
  it('change nothing when they come again, in the same batch or a later one', async () => {
    const folder = new Folder();
    await folder.entries(entryRecord(entryOf(1)), entryRecord(entryOf(1)));
    await folder.entries(entryRecord(entryOf(1)));
    expect(await wasRevoked()).toEqual([false]);
    expect(await letters()).toEqual([]);
  });

  it('become dead letters where they say something else of the same id', async () => {
    const folder = new Folder();
    const other = (message: string): Written => entryRecord(entryOf(1, { message }));
    await folder.entries(other('first'), other('second'));
    await folder.entries(other('third'), other('first'), other('third'));
    expect(await store.rows('select message from signature_entries')).toEqual([{ message: 'first' }]);
    expect(await letters()).toEqual([1, 2, 4].map((at) => ({ topic: topics.entries, at, reason: changedEntry })));
  });

  it('become dead letters where they cannot be read, and keep no answer back', async () => {
    const key = revocationKey(logFor(hashOf(1)));
    await new Folder().entries(
      { key, value: 'x' },
      { key: null, value: encodeEntry(entryOf(1)) },
      entryRecord(entryOf(2)),
    );
    expect((await letters()).map(({ at }) => at)).toEqual([0, 1]);
    expect(await wasRevoked()).toEqual([false]);
    const scope = { topic: topics.revocations, revocationKeys: [key], partitions: [0, 1, 2, 3, 4, 5, 6, 7] };
    expect(await countDeadLettersOf(store.database, scope)).toBe(0);
  });
});

describe('the projector', () => {
  it('folds entries from their topic', async () => {
    const deployment = await Deployment.create();
    try {
      const entries = Array.from({ length: 20 }, (_, id) => entryOf(id));
      const publish = (some: readonly SignatureEntry[]): Promise<unknown> =>
        deployment.publisher.publish(
          deployment.topics.entries,
          some.map((entry) => ({ key: entry.entryId, value: encodeEntry(entry) })),
        );
      await publish(entries.slice(0, 10));
      await deployment.start();
      await publish(entries);
      const ids = async (): Promise<readonly unknown[]> =>
        (await deployment.store.rows('select id from signature_entries order by id')).map(({ id }) => id);
      await until(async () => ((await ids()).length === entries.length ? true : undefined));
      expect(await ids()).toEqual(entries.map(({ entryId }) => entryId));
    } finally {
      await deployment.drop();
    }
  }, 60_000);
});

function textOf(signature: number): string {
  return `signature ${signature}`;
}

async function folderStep(folder: Folder, kind: string, signatures: readonly number[]): Promise<void> {
  if (kind === 'entry')
    await folder.entries(...signatures.map((one) => entryRecord(entryOf(one, { signature: textOf(one) }))));
  else if (kind === 'revoked') await folder.revocations(...signatures.map((one) => revocationOf(textOf(one))));
  else await folder.revocations(...signatures.map((one) => retractionOf(textOf(one))));
}

interface Expected {
  readonly recorded: Set<number>;
  readonly live: Set<number>;
}

function note({ recorded, live }: Expected, kind: string, signature: number): void {
  if (kind === 'entry') recorded.add(signature);
  else if (kind === 'revoked') live.add(signature);
  else live.delete(signature);
}
