import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asOfBlock, hasHole, type AppliedCoverage } from './coverage.js';
import { hashOf } from './testing/arbitraries.js';

const startBlock = 10;

describe('asOf block', () => {
  it('is null where nothing is covered', () => {
    expect(asOfBlock({ realtime: null, batch: null }, startBlock)).toBeNull();
  });

  it('is where batch coverage ends while realtime has said nothing', () => {
    expect(asOfBlock({ realtime: null, batch: covered(10, 50) }, startBlock)).toEqual(blockAt(50));
  });

  it('is null while the history from the start block is missing', () => {
    expect(asOfBlock({ realtime: null, batch: covered(11, 50) }, startBlock)).toBeNull();
    expect(asOfBlock({ realtime: covered(11, 50), batch: null }, startBlock)).toBeNull();
    expect(asOfBlock({ realtime: covered(40, 60), batch: covered(11, 50) }, startBlock)).toBeNull();
  });

  it('is where realtime coverage ends once it joins the history', () => {
    expect(asOfBlock({ realtime: covered(51, 60), batch: covered(10, 50) }, startBlock)).toEqual(blockAt(60));
    expect(asOfBlock({ realtime: covered(10, 60), batch: null }, startBlock)).toEqual(blockAt(60));
  });

  it('stays at the end of the history while there is a hole above it', () => {
    expect(asOfBlock({ realtime: covered(52, 60), batch: covered(10, 50) }, startBlock)).toEqual(blockAt(50));
  });

  it('does not join realtime coverage to blocks that were not final when the pass saw them', () => {
    const batch = { ...covered(10, 50), settledTo: 40 };
    expect(asOfBlock({ realtime: covered(42, 60), batch }, startBlock)).toEqual(blockAt(50));
    expect(asOfBlock({ realtime: covered(41, 60), batch }, startBlock)).toEqual(blockAt(60));
  });

  it('is not taken from a claim that a retraction has contradicted, whose settled blocks still join', () => {
    const batch = { ...covered(10, 50), contradicted: true };
    const realtime = { ...covered(51, 60), contradicted: true };
    expect(asOfBlock({ realtime: covered(51, 60), batch }, startBlock)).toEqual(blockAt(60));
    expect(asOfBlock({ realtime, batch: covered(10, 50) }, startBlock)).toEqual(blockAt(50));
    expect(asOfBlock({ realtime, batch }, startBlock)).toBeNull();
  });

  it('is where batch coverage ends while realtime is left behind', () => {
    expect(asOfBlock({ realtime: covered(10, 30), batch: covered(10, 50) }, startBlock)).toEqual(blockAt(50));
  });

  it('takes the realtime view of a block that both have reached', () => {
    const realtime = { ...covered(10, 50), coveredToHash: hashOf(0xf04c) };
    expect(asOfBlock({ realtime, batch: covered(10, 50) }, startBlock)?.hash).toBe(hashOf(0xf04c));
  });

  it('goes back with a reorg to a shorter branch: the orphaned tip proves nothing about the new blocks', () => {
    const realtime = { ...covered(30, 47), coveredToTimestamp: 51 * 12, coveredToHash: hashOf(0xf04c) };
    const asOf = asOfBlock({ realtime, batch: covered(10, 50) }, startBlock);
    expect(asOf).toEqual({ number: 47, hash: hashOf(0xf04c), timestamp: 51 * 12 });
  });

  it('does not go back where blocks share a block time', () => {
    const slow = (coverage: AppliedCoverage) => ({ ...coverage, coveredToTimestamp: 7 });
    expect(asOfBlock({ realtime: slow(covered(10, 49)), batch: slow(covered(10, 50)) }, startBlock)?.number).toBe(50);
  });

  it('is never beyond the blocks that the two coverages list, and loses none that they prove', () => {
    fc.assert(
      fc.property(anyCoverage, anyCoverage, fc.nat({ max: 12 }), (realtime, batch, start) => {
        const asOf = asOfBlock({ realtime, batch }, start)?.number ?? start - 1;
        const proven = Math.max(provenTo([realtime, settled(batch)], start), provenTo([batch], start));
        expect(asOf).toBeLessThanOrEqual(proven);
        const historyFromStart = batch === null || batch.coveredFrom <= start;
        if (historyFromStart) expect(Math.max(asOf, start - 1)).toBe(proven);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a hole', () => {
  it('lies between the two coverages, or below realtime coverage alone', () => {
    expect(hasHole(covered(52, 60), covered(10, 50))).toBe(true);
    expect(hasHole(covered(52, 60), null)).toBe(true);
    expect(hasHole(covered(51, 60), covered(10, 50))).toBe(false);
    expect(hasHole(covered(10, 20), covered(10, 50))).toBe(false);
    expect(hasHole(null, covered(10, 50))).toBe(false);
    expect(hasHole(null, null)).toBe(false);
  });

  it('lies above the blocks that were final when the pass saw them', () => {
    expect(hasHole(covered(51, 60), { ...covered(10, 50), settledTo: 49 })).toBe(true);
  });

  it('is there exactly where blocks from batch to realtime are not all listed', () => {
    fc.assert(
      fc.property(anyCoverage, anyCoverage, (realtime, batch) => {
        fc.pre(realtime !== null && batch !== null);
        const listed = provenTo([realtime, settled(batch)], batch.coveredFrom) >= realtime.coveredTo;
        if (realtime.coveredTo > batch.settledTo && batch.settledTo >= batch.coveredFrom)
          expect(hasHole(realtime, batch)).toBe(!listed);
      }),
    );
  });
});

const anyCoverage = fc.option(
  fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 10 }), fc.nat({ max: 10 })).map(([from, more, unsettled]) => ({
    ...covered(from, from + more),
    settledTo: from + Math.max(more - unsettled, -1),
  })),
);

/** The part of a coverage that no reorg reaches. */
function settled(coverage: AppliedCoverage | null): AppliedCoverage | null {
  return coverage === null ? null : { ...coverage, coveredTo: coverage.settledTo };
}

/** The slow way: the last of the blocks from the start block on that one of the coverages lists, without a gap. */
function provenTo(coverages: readonly (AppliedCoverage | null)[], start: number): number {
  const listed = new Set<number>();
  for (const coverage of coverages) {
    if (coverage === null) continue;
    for (let block = coverage.coveredFrom; block <= coverage.coveredTo; block += 1) listed.add(block);
  }
  let next = start;
  while (listed.has(next)) next += 1;
  return next - 1;
}

function covered(coveredFrom: number, coveredTo: number): AppliedCoverage {
  const { hash, timestamp } = blockAt(coveredTo);
  return {
    coveredFrom,
    coveredTo,
    coveredToHash: hash,
    coveredToTimestamp: timestamp,
    settledTo: coveredTo,
    contradicted: false,
  };
}

function blockAt(number: number): { number: number; hash: ReturnType<typeof hashOf>; timestamp: number } {
  return { number, hash: hashOf(number), timestamp: number * 12 };
}
