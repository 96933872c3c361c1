import { describe, expect, it } from '@jest/globals';
import type { Block, ComponentStatus, Coverage, LogProof } from '@hybrid-sync/domain';
import { baseBlock, type FollowedBlock } from '@hybrid-sync/ingest';
import { hashOf, identity } from '../../../libs/domain/src/testing/arbitraries.js';
import { buildChain, forkAt } from '../../../libs/domain/src/testing/chains.js';
import {
  awaitsHistory,
  doubtSince,
  followedTo,
  resumePoint,
  statusOf,
  tipOf,
  violatedStatus,
  type FollowState,
  type StatusParts,
} from './follow-state.js';

const blocks = buildChain(100, 10);

function stateOf(chain: readonly Block[], coveredFrom = 42): FollowState {
  const [base, ...above] = chain.map(baseBlock);
  if (base === undefined) throw new Error('a state has a base');
  return { blocks: [base, ...above], coveredFrom, doubt: null };
}

function numbersOf({ blocks: followed }: FollowState): readonly number[] {
  return followed.map(({ number }) => number);
}

function blockAt(chain: readonly Block[], number: number): FollowedBlock {
  const block = chain.find((candidate) => candidate.number === number);
  if (block === undefined) throw new Error(`there is no block ${number}`);
  return baseBlock(block);
}

const parts: StatusParts = {
  component: 'ingest-realtime',
  deployment: { ...identity, startBlock: 7, startBlockHash: hashOf(7) },
  head: blockAt(blocks, 109),
  finalized: blockAt(blocks, 100),
  offsets: new Map([[3, 9]]),
  history: null,
};
const status: ComponentStatus = statusOf(stateOf(blocks), parts);

/** Of ingest-batch, which has read final blocks again up to there. */
function history(settledTo: number, proof: LogProof): ComponentStatus {
  const coverage = status.coverage === null ? null : { ...status.coverage, settledTo };
  return { ...status, component: 'ingest-batch', coverage, proof };
}

describe('the state after a step', () => {
  it('stands on the finalized block', () => {
    expect(numbersOf(followedTo(stateOf(blocks), blocks.map(baseBlock), blockAt(blocks, 107)))).toEqual([
      107, 108, 109,
    ]);
  });

  it('always keeps the tip, and where its coverage began', () => {
    const state = followedTo(stateOf(blocks), blocks.map(baseBlock), blockAt(blocks, 109));
    expect([numbersOf(state), tipOf(state).number, state.coveredFrom]).toEqual([[109], 109, 42]);
  });

  it('keeps all blocks when the finalized block is not one of them', () => {
    const other = forkAt(blocks, 104, 5, 1);
    for (const finalized of [blockAt(other, 107), blockAt(buildChain(0, 5), 3), blockAt(buildChain(100, 20), 115)]) {
      expect(numbersOf(followedTo(stateOf(blocks), blocks.map(baseBlock), finalized))).toHaveLength(10);
    }
  });
});

describe('the status after a step', () => {
  it('covers all blocks up to the tip, of which those up to the base are settled', () => {
    const { coverage, syncing, finalityViolation } = status;
    expect(coverage).toEqual({
      coveredFrom: 42,
      coveredTo: 109,
      coveredToHash: blockAt(blocks, 109).hash,
      coveredToTimestamp: 109 * 12,
      settledTo: 100,
      offsets: new Map([[3, 9]]),
    });
    expect([syncing, finalityViolation]).toEqual([false, null]);
  });

  it('says how little is known of a block that has become final meanwhile, until ingest-batch has read it again', () => {
    const read = blocks.map(
      (block) => ({ ...baseBlock(block), proof: block.number === 104 ? 'none' : 'receipts' }) as const,
    );
    const above = followedTo(stateOf(blocks), read, blockAt(blocks, 102));
    const settled = followedTo(above, above.blocks, blockAt(blocks, 107));
    const later = followedTo(settled, settled.blocks, blockAt(blocks, 109));
    for (const state of [above, settled, later]) expect(statusOf(state, parts).proof).toBe('none');
    expect(statusOf(later, { ...parts, history: history(103, 'receipts') }).proof).toBe('none');
    expect(statusOf(later, { ...parts, history: history(104, 'none') }).proof).toBe('none');
    expect(statusOf(later, { ...parts, history: history(104, 'bloom') }).proof).toBe('receipts');
  });

  it('keeps its coverage when finality is violated', () => {
    const violation = { blockNumber: 100, expectedHash: hashOf(1), actualHash: hashOf(2) };
    expect(violatedStatus(status, violation)).toEqual({ ...status, finalityViolation: violation });
  });
});

describe('a restart', () => {
  const head = (number: number): Block => ({ ...blockAt(blocks, 109), number });

  it('goes on above the settled blocks while the head is at most 256 blocks ahead', () => {
    expect(resumePoint(status, head(109))).toEqual({ baseBlock: 100, coveredFrom: 42 });
    expect(resumePoint(status, head(109 + 256))).toEqual({ baseBlock: 100, coveredFrom: 42 });
    expect(resumePoint(status, head(109 + 257))).toBeNull();
  });

  it('goes on there when the head is behind', () => {
    expect(resumePoint(status, head(105))).toEqual({ baseBlock: 100, coveredFrom: 42 });
  });

  it('knows no more of the settled blocks than was said of them', () => {
    expect(doubtSince(status)).toBeNull();
    expect(doubtSince({ ...status, proof: 'none' })).toEqual({ toBlock: 100, proof: 'none' });
    expect(doubtSince({ ...status, proof: 'none', coverage: null })).toBeNull();
  });

  it('begins at the finalized block where nothing was covered', () => {
    expect(resumePoint(null, head(109))).toBeNull();
    expect(resumePoint({ ...status, coverage: null }, head(109))).toBeNull();
  });
});

describe('a first start', () => {
  const covering = (coveredTo: number): ComponentStatus => {
    const coverage: Coverage | null = status.coverage === null ? null : { ...status.coverage, coveredTo };
    return { ...status, component: 'ingest-batch', coverage };
  };

  it('waits until ingest-batch has covered the head of the first look, for at most 10 s', () => {
    expect(awaitsHistory(null, 50, 0)).toBe(true);
    expect(awaitsHistory({ ...status, coverage: null }, 50, 0)).toBe(true);
    expect(awaitsHistory(covering(49), 50, 9_999)).toBe(true);
    expect(awaitsHistory(covering(50), 50, 0)).toBe(false);
    expect(awaitsHistory(null, 50, 10_000)).toBe(false);
  });
});
