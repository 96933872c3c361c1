import { describe, expect, it } from '@jest/globals';
import {
  encodeBackfillStatus,
  encodeComponentStatus,
  type BackfillStatus,
  type Component,
  type ComponentStatus,
} from '@hybrid-sync/domain';
import type { RecordBatch } from '@hybrid-sync/kafka';
import fc from 'fast-check';
import { hashOf, identity, plainClaims } from '../../../libs/domain/src/testing/arbitraries.js';
import { foldStatuses, type FoldedComponent } from './status-fold.js';
import { batchesOf, batchOf, recordsOf, type Written } from './testing/records.js';

const place = { topic: 'status', partition: 0 };
const second = (offset: number): number => (1_700_000_000 + offset) * 1000;

function statusOf(component: Component, coveredTo: number, syncing = false): ComponentStatus {
  const head = { number: coveredTo, hash: hashOf(coveredTo), timestamp: 1_700_000_000 };
  return {
    component,
    deployment: { ...identity, startBlock: 0, startBlockHash: hashOf(1) },
    head,
    finalized: { ...head, number: 0 },
    syncing,
    coverage: {
      coveredFrom: 0,
      coveredTo,
      coveredToHash: hashOf(coveredTo),
      coveredToTimestamp: head.timestamp,
      settledTo: 0,
      offsets: new Map([[0, coveredTo]]),
    },
    finalityViolation: null,
    ...plainClaims,
  };
}

const component = (...status: Parameters<typeof statusOf>): Written => ({
  key: status[0],
  value: encodeComponentStatus(statusOf(...status)),
});

const commandId = '0b5d5f2e-3f0c-4a57-9b1a-0d7a1c9d2e11';
function backfill(nextBlock: number, state: BackfillStatus['state'] = 'running', id = commandId): Written {
  const range = { fromBlock: 0, toBlock: 9, nextBlock, published: nextBlock, retracted: 0 };
  const status: BackfillStatus = { commandId: id, state, ...range, offsets: new Map(), reason: null };
  return { key: id, value: encodeBackfillStatus(status) };
}

const fold = (...written: readonly Written[]): ReturnType<typeof foldStatuses> =>
  foldStatuses(batchOf(recordsOf(written, place)));

describe('the fold of statuses', () => {
  it('keeps the last one of each component', () => {
    const { components } = fold(
      component('ingest-realtime', 1),
      component('ingest-batch', 1),
      component('ingest-realtime', 2),
      component('ingest-realtime', 3),
    );
    expect(components.map(({ status, origin }) => [status.component, origin.offset])).toEqual([
      ['ingest-batch', 1],
      ['ingest-realtime', 3],
    ]);
  });

  it('keeps where a pass begins and ends, and since when that was so', () => {
    const { components } = fold(
      component('ingest-batch', 1, true),
      component('ingest-batch', 1, true),
      component('ingest-batch', 2, false),
      component('ingest-batch', 2, false),
    );
    expect(components.map(({ status, origin }) => [status.syncing, origin.offset, origin.syncingSince])).toEqual([
      [true, 1, second(0)],
      [false, 3, second(2)],
    ]);
  });

  it('knows since when a block is claimed, so that it does not seem younger', () => {
    const { components } = fold(
      component('ingest-realtime', 1),
      component('ingest-realtime', 2),
      component('ingest-realtime', 2),
    );
    expect(components).toMatchObject([{ origin: { timestamp: second(2), coveredSince: second(1) } }]);
  });

  it('keeps the last state of each command, and when it began', () => {
    const other = '2a0e6f2e-3f0c-4a57-9b1a-0d7a1c9d2e12';
    const { backfills } = fold(backfill(1), backfill(0, 'running', other), backfill(10, 'succeeded'));
    expect(backfills).toMatchObject([
      { status: { commandId, state: 'succeeded' }, times: { startedAt: second(0), updatedAt: second(2) } },
      { status: { commandId: other }, times: { startedAt: second(1), updatedAt: second(1) } },
    ]);
  });

  it('puts aside what is not a status, without a revocation key', () => {
    const { deadLetters, components } = fold(
      { key: 'ingest-batch', value: null },
      { key: 'ingest-realtime', value: component('ingest-batch', 1).value },
      component('ingest-batch', 1),
    );
    expect(deadLetters).toMatchObject([
      { topic: 'status', offset: 0, revocationKey: null },
      { topic: 'status', offset: 1, revocationKey: null, reason: 'the key does not belong to the value' },
    ]);
    expect(components).toHaveLength(1);
  });
});

interface ComponentRow {
  readonly status: ComponentStatus;
  readonly syncedAt: number | null;
  readonly heardAt: number;
}

/** The row of a component, as the statements of libs/store change it. */
function upserted(known: ComponentRow | undefined, { status, origin }: FoldedComponent): ComponentRow {
  if (known === undefined) return { status, syncedAt: endOf(status, origin), heardAt: origin.coveredSince };
  const same = known.status.coverage?.coveredToHash === status.coverage?.coveredToHash;
  return {
    status,
    syncedAt: known.status.syncing ? (endOf(status, origin) ?? known.syncedAt) : known.syncedAt,
    heardAt: same ? known.heardAt : origin.coveredSince,
  };
}

function endOf({ syncing }: ComponentStatus, { syncingSince }: FoldedComponent['origin']): number | null {
  return syncing ? null : syncingSince;
}

function applied(batches: readonly RecordBatch[]): object {
  const components = new Map<string, ComponentRow>();
  const backfills = new Map<string, object>();
  for (const folded of batches.map(foldStatuses)) {
    for (const one of folded.components) {
      components.set(one.status.component, upserted(components.get(one.status.component), one));
    }
    for (const { status, times } of folded.backfills) {
      const { startedAt, updatedAt } = times;
      backfills.set(status.commandId, { startedAt, ...backfills.get(status.commandId), ...status, updatedAt });
    }
  }
  return { components, backfills };
}

/** Statuses whose coverage only grows, as it does without a reorg. */
const anyStatuses = fc
  .array(
    fc.oneof(
      fc.record({
        component: fc.constantFrom('ingest-realtime' as const, 'ingest-batch' as const),
        syncing: fc.boolean(),
        grows: fc.boolean(),
      }),
      fc.record({ nextBlock: fc.nat({ max: 9 }) }),
    ),
    { maxLength: 20 },
  )
  .map((said) => {
    let block = 0;
    return said.map((one) => {
      if ('nextBlock' in one) return backfill(one.nextBlock);
      if (one.grows) block += 1;
      return component(one.component, block, one.syncing);
    });
  });

describe('folding the status topic', () => {
  it('gives the same tables wherever its batches begin and end', () => {
    fc.assert(
      fc.property(anyStatuses, fc.array(fc.nat({ max: 6 })), (written, sizes) => {
        const records = recordsOf(written, place);
        const oneByOne = applied(
          batchesOf(
            records,
            written.map(() => 1),
          ),
        );
        const inBatches = applied(batchesOf(records, sizes));
        expect(inBatches).toEqual(oneByOne);
      }),
      { numRuns: 500 },
    );
  });
});
