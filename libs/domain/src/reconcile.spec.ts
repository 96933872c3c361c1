import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contains, type BlockRange } from './block-range.js';
import type { Hash32 } from './hex.js';
import { reconcile, type Reconciliation, type ScannedRange } from './reconcile.js';
import { revocationKey } from './revocation-key.js';
import type { RevocationLog } from './revocation-log.js';
import { parseRevocationRecord } from './parsed-revocation.js';
import { encodeRetracted, encodeRevoked } from './revocation-record.js';
import { encodeUtf8, hashOf, identity, lockIdOf, revocationLog } from './testing/arbitraries.js';
import { foldWindow, type LiveRecord, type Window } from './window.js';

describe('reconciling', () => {
  const log = logAt(5, 1000);

  it('publishes a log that the topic does not have', () => {
    expect(reconcile(scan({ fromBlock: 1000, toBlock: 1000 }, [log]), windowOf())).toEqual({
      publish: [log],
      retract: [],
    });
  });

  it('writes nothing where the topic has it', () => {
    expect(reconcile(scan({ fromBlock: 990, toBlock: 1010 }, [log]), windowOf(log))).toEqual(nothing);
  });

  it('publishes a log again that was mined in another block, and does not retract the old one', () => {
    const range = { fromBlock: 990, toBlock: 1010 };
    expect(reconcile(scan(range, [log]), windowOf(logAt(5, 1001)))).toEqual({ publish: [log], retract: [] });
    expect(reconcile(scan(range, [log]), windowOf({ ...log, blockHash: hashOf(0xf04c) })).publish).toEqual([log]);
    expect(reconcile(scan(range, [log]), windowOf({ ...log, logIndex: 6 })).publish).toEqual([log]);
  });

  it('publishes the canonical log also where the stale one lies outside of the scanned range', () => {
    expect(reconcile(scan({ fromBlock: 1000, toBlock: 1000 }, [log]), windowOf(logAt(5, 1020)))).toEqual({
      publish: [log],
      retract: [],
    });
  });

  it('retracts a record whose block was orphaned', () => {
    const orphan = { ...log, blockHash: hashOf(0xf04c) };
    const { retract } = reconcile(scan({ fromBlock: 1000, toBlock: 1000 }, []), windowOf(orphan));
    expect(retract).toEqual([{ ...liveOf(orphan), reason: 'reorg' }]);
  });

  it('retracts a record that its canonical block does not hold', () => {
    const { retract } = reconcile(scan({ fromBlock: 1000, toBlock: 1000 }, []), windowOf(log));
    expect(retract).toEqual([{ ...liveOf(log), reason: 'not-canonical' }]);
  });

  it('leaves records outside of the scanned range alone', () => {
    expect(reconcile(scan({ fromBlock: 1001, toBlock: 1010 }, []), windowOf(log))).toEqual(nothing);
    expect(reconcile(scan({ fromBlock: 990, toBlock: 999 }, []), windowOf(log))).toEqual(nothing);
  });

  it('publishes in the order of the chain', () => {
    const logs = [logAt(9, 1000), logAt(1, 1001), logAt(5, 1002)];
    expect(reconcile(scan({ fromBlock: 1000, toBlock: 1002 }, logs), windowOf()).publish).toEqual(logs);
  });
});

describe('whatever the topic holds', () => {
  it('one step makes it say what the chain says in the range', () => {
    forAllTopics((scanned, window) => {
      const after = applied(window, reconcile(scanned, window));
      const inRange = [...after].filter(([, live]) => contains(scanned.range, live.blockNumber));
      expect(new Map(inRange)).toEqual(windowOf(...scanned.logs));
    });
  });

  it('a second step has nothing left to do', () => {
    forAllTopics((scanned, window) => {
      expect(reconcile(scanned, applied(window, reconcile(scanned, window)))).toEqual(nothing);
    });
  });

  it('records outside of the range are untouched, but for keys that the range publishes', () => {
    forAllTopics((scanned, window) => {
      const canonical = windowOf(...scanned.logs);
      const outside = (live: LiveRecord) => !contains(scanned.range, live.blockNumber);
      const kept = [...window].filter(([key, live]) => outside(live) && !canonical.has(key));
      const after = [...applied(window, reconcile(scanned, window))].filter(([, live]) => outside(live));
      expect(new Map(after)).toEqual(new Map(kept));
    });
  });

  it('no key is published and retracted in one step, and nothing is written without need', () => {
    forAllTopics((scanned, window) => {
      const { publish, retract } = reconcile(scanned, window);
      const keys = [...publish, ...retract].map(revocationKey);
      expect(new Set(keys).size).toBe(keys.length);
      for (const log of publish) expect(window.get(revocationKey(log))).not.toEqual(liveOf(log));
    });
  });
});

const nothing: Reconciliation = { publish: [], retract: [] };

function forAllTopics(check: (scanned: ScannedRange, window: Window) => void): void {
  fc.assert(
    fc.property(anyScan, anyWindow, (scanned, window) => {
      check(scanned, window);
    }),
    { numRuns: 500 },
  );
}

const anyRange = fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 10 }));
const anyKeys = { selector: ([lock]: readonly [number, ...unknown[]]) => lock, maxLength: 10 };

/** Few keys and few blocks, so that most records of the window meet the scan in one way or another. */
const anyScan = fc
  .tuple(anyRange, fc.uniqueArray(fc.tuple(fc.nat({ max: 12 }), fc.nat(), fc.nat({ max: 2 })), anyKeys))
  .map(([[fromBlock, more], entries]) => {
    const logs = entries.map(([lock, seed, logIndex]) => logAt(lock, fromBlock + (seed % (more + 1)), logIndex));
    return scan({ fromBlock, toBlock: fromBlock + more }, logs);
  });

const anyWindow = fc
  .uniqueArray(fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 45 }), fc.nat({ max: 2 }), fc.boolean()), anyKeys)
  .map((entries) =>
    windowOf(
      ...entries.map(([lock, block, logIndex, orphaned]) => {
        const log = logAt(lock, block, logIndex);
        return orphaned ? { ...log, blockHash: hashOf(0xf04c0000 + block) } : log;
      }),
    ),
  );

/** What the topic says after the step, read back from the very bytes that are written. */
function applied(window: Window, { publish, retract }: Reconciliation): Window {
  const next = new Map(window);
  const write = (about: RevocationLog | LiveRecord, value: string) => {
    const parsed = parseRevocationRecord(encodeUtf8(revocationKey(about)), encodeUtf8(value), identity);
    foldWindow(next, parsed, -1);
  };
  for (const log of publish) write(log, encodeRevoked(log, identity));
  for (const retraction of retract) write(retraction, encodeRetracted(retraction, identity));
  return next;
}

function scan(range: BlockRange, logs: readonly RevocationLog[]): ScannedRange {
  const blockHashes = new Map<number, Hash32>();
  for (let block = range.fromBlock; block <= range.toBlock; block += 1) blockHashes.set(block, hashOf(block));
  return { range, blockHashes, logs };
}

function logAt(lock: number, blockNumber: number, logIndex = 0): RevocationLog {
  return revocationLog({ lockId: lockIdOf(lock), blockNumber, blockHash: hashOf(blockNumber), logIndex });
}

function windowOf(...logs: readonly RevocationLog[]): Window {
  return new Map(logs.map((log) => [revocationKey(log), liveOf(log)]));
}

function liveOf({ lockId, signatureHash, blockNumber, blockHash, transactionHash, logIndex }: LiveRecord): LiveRecord {
  return { lockId, signatureHash, blockNumber, blockHash, transactionHash, logIndex };
}
