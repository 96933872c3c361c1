import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOfBlock, encodeComponentStatus, topicNames, type ComponentStatus } from '@hybrid-sync/domain';
import type { RecordBatch } from '@hybrid-sync/kafka';
import { readAppliedOffsets, readSyncState } from '@hybrid-sync/store';
import fc from 'fast-check';
import { hashOf, identity, plainClaims } from '../../../libs/domain/src/testing/arbitraries.js';
import { testStore, type TestStore } from '../../../libs/store/src/testing/test-store.js';
import { ReadModel } from './read-model.js';
import { batchesOf, logOf, recordsOf, retracted, revoked, type Written } from './testing/records.js';

const topics = topicNames('test');
const partitions = [0, 1, 2] as const;
const incarnation = 'one';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

const anyEvent = fc.oneof(
  fc.record({ kind: fc.constant('block' as const), signatures: fc.array(fc.nat({ max: 5 }), { maxLength: 4 }) }),
  fc.record({
    kind: fc.constant('claim' as const),
    component: fc.constantFrom('ingest-realtime' as const, 'ingest-batch' as const),
    from: fc.nat({ max: 3 }),
    topicIncarnation: fc.constantFrom(incarnation, null, 'another'),
  }),
);
type Event = typeof anyEvent extends fc.Arbitrary<infer E> ? E : never;
type Claim = Extract<Event, { kind: 'claim' }>;

/** What the ingesters write, block by block: in the end every block is covered by the records that were there by then. */
class History {
  readonly records = new Map<number, Written[]>(partitions.map((partition) => [partition, []]));
  /** Block of each record. */
  readonly blocks = new Map<number, number[]>(partitions.map((partition) => [partition, []]));
  readonly statuses: Written[] = [];
  #head = 0;

  constructor(events: readonly Event[]) {
    for (const event of events) {
      if (event.kind === 'block') this.#block(event.signatures);
      else this.#claim(event);
    }
  }

  #block(signatures: readonly number[]): void {
    this.#head += 1;
    for (const signature of signatures) {
      const partition = signature % partitions.length;
      const log = logOf(1, signature, this.#head);
      const isTakenBack = signature > 3 && this.#head % 2 === 0;
      this.records.get(partition)?.push(isTakenBack ? retracted(log) : revoked(log));
      this.blocks.get(partition)?.push(this.#head);
    }
  }

  /** One about another topic of the same name counts offsets that mean nothing here. */
  #claim({ component, from, topicIncarnation }: Claim): void {
    const isOther = topicIncarnation === 'another';
    const ends = [...this.records].map(([partition, { length }]) => [partition, length] as const);
    const coveredTo = isOther ? 1_000 : this.#head;
    const offsets = new Map(isOther ? [] : ends);
    const coveredFrom = component === 'ingest-batch' ? 0 : Math.min(from, coveredTo);
    const status = statusOf(component, { coveredFrom, coveredTo, offsets });
    this.statuses.push({ key: component, value: encodeComponentStatus({ ...status, topicIncarnation }) });
  }
}

function statusOf(
  component: ComponentStatus['component'],
  { coveredFrom, coveredTo, offsets }: { coveredFrom: number; coveredTo: number; offsets: Map<number, number> },
): ComponentStatus {
  const head = { number: coveredTo, hash: hashOf(coveredTo), timestamp: 1_700_000_000 + coveredTo };
  const covered = { coveredToHash: head.hash, coveredToTimestamp: head.timestamp, settledTo: coveredTo };
  return {
    component,
    deployment: { ...identity, startBlock: 0, startBlockHash: hashOf(1) },
    head,
    finalized: head,
    syncing: false,
    coverage: { coveredFrom, coveredTo, ...covered, offsets },
    finalityViolation: null,
    ...plainClaims,
  };
}

function batchesFrom(written: History, sizes: readonly number[]): readonly (readonly RecordBatch[])[] {
  const revocations = [...written.records].map(([partition, records]) =>
    batchesOf(recordsOf(records, { topic: topics.revocations, partition }), sizes),
  );
  return [...revocations, batchesOf(recordsOf(written.statuses, { topic: topics.status, partition: 0 }), sizes)];
}

/** One order of all batches that keeps the order of each partition. */
function interleaved(queues: readonly (readonly RecordBatch[])[], choices: readonly number[]): readonly RecordBatch[] {
  const left = queues.map((queue) => [...queue]);
  const order: RecordBatch[] = [];
  for (const choice of choices) {
    const next = left[choice % left.length]?.shift();
    if (next !== undefined) order.push(next);
  }
  return [...order, ...left.flat()];
}

async function freshReadModel(): Promise<ReadModel> {
  await store.rows(
    'truncate revocations_a, retractions, dead_letters, applied_offsets, coverage_claims, component_status',
  );
  await store.rows(`update generations set topic = '${topics.revocations}', topic_incarnation = '${incarnation}'`);
  const publisher = { publish: () => Promise.resolve(new Map<number, number>()), close: () => Promise.resolve() };
  const incarnationOf = (topic: string): string | null => (topic === topics.revocations ? incarnation : null);
  const options = { database: store.database, publisher, topics, identity, incarnationOf, applied: () => undefined };
  return new ReadModel({ ...options, target: 'active' });
}

async function asOf(): Promise<number> {
  const { realtime, batch } = await readSyncState(store.database);
  const coverages = { realtime: realtime?.coverage ?? null, batch: batch?.coverage ?? null };
  return asOfBlock(coverages, 0)?.number ?? -1;
}

async function notApplied(written: History, upTo: number): Promise<readonly string[]> {
  const applied = await readAppliedOffsets(store.database, { generation: 1, topic: topics.revocations });
  return [...written.blocks].flatMap(([partition, blocks]) =>
    blocks.flatMap((block, offset) =>
      block <= upTo && offset >= (applied.get(partition) ?? 0) ? [`${partition}/${offset} of block ${block}`] : [],
    ),
  );
}

describe('the watermark', () => {
  it('never claims a block whose records are not applied, in whatever order partitions and statuses come', async () => {
    let claimed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEvent, { maxLength: 15 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 6 }),
        fc.array(fc.nat({ max: 3 }), { maxLength: 30 }),
        async (events, sizes, choices) => {
          const written = new History(events);
          const readModel = await freshReadModel();
          for (const batch of interleaved(batchesFrom(written, sizes), choices)) {
            const isStatus = batch.topic === topics.status;
            expect(await (isStatus ? readModel.applyStatuses(batch) : readModel.applyRevocations(batch))).toBe(
              'applied',
            );
            const block = await asOf();
            claimed = Math.max(claimed, block);
            expect(await notApplied(written, block)).toEqual([]);
          }
        },
      ),
      { numRuns: 50 },
    );
    expect(claimed).toBeGreaterThan(0);
    expect(claimed).toBeLessThan(1_000);
  }, 120_000);
});
