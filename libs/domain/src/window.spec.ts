import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { revocationKey } from './revocation-key.js';
import { parseRevocationRecord } from './parsed-revocation.js';
import { encodeRetracted, encodeRevoked } from './revocation-record.js';
import { encodeUtf8, hashOf, identity, lockIdOf, revocationLog } from './testing/arbitraries.js';
import { foldWindow, pruneWindow, type LiveRecord } from './window.js';

type TopicRecord = readonly [key: Uint8Array | null, value: Uint8Array | null];

const log = revocationLog();
const elsewhere = revocationLog({ blockNumber: 1002, blockHash: hashOf(0x1002) });
const live: LiveRecord = {
  lockId: log.lockId,
  signatureHash: log.signatureHash,
  blockNumber: log.blockNumber,
  blockHash: log.blockHash,
  transactionHash: log.transactionHash,
  logIndex: log.logIndex,
};

describe('the window', () => {
  it('holds of a revocation only what reconciling needs', () => {
    expect(fold([revoked(log)])).toEqual(new Map([[revocationKey(log), live]]));
  });

  it('holds the last record of a key', () => {
    expect(fold([revoked(log), revoked(elsewhere)]).get(revocationKey(log))?.blockNumber).toBe(1002);
    expect(fold([revoked(elsewhere), revoked(log)]).get(revocationKey(log))?.blockNumber).toBe(1000);
  });

  it.each([
    ['a retraction', retracted(log)],
    ['a retraction of another log', retracted(elsewhere)],
    ['a tombstone', tombstone(log)],
    ['a record that cannot be parsed', garbage(log)],
  ])('loses a revocation by %s', (_, record) => {
    expect(fold([revoked(log), record]).size).toBe(0);
    expect(fold([record, revoked(log)]).size).toBe(1);
  });

  it('is not touched by a record whose key cannot be read', () => {
    expect(fold([revoked(log), [null, null], [encodeUtf8('7'), encodeUtf8('{}')]]).size).toBe(1);
  });

  it('leaves out what is final, also where it supersedes something that is not', () => {
    expect(fold([revoked(log)], 1000).size).toBe(0);
    expect(fold([revoked(log)], 999).size).toBe(1);
    expect(fold([revoked(elsewhere), revoked(log)], 1000).size).toBe(0);
  });

  it('drops what has become final', () => {
    const window = fold([revoked(log), revoked(revocationLog({ lockId: lockIdOf(7), blockNumber: 1001 }))]);
    pruneWindow(window, 999);
    expect(window.size).toBe(2);
    pruneWindow(window, 1000);
    expect([...window.values()].map((held) => held.blockNumber)).toEqual([1001]);
  });
});

describe('folding the topic', () => {
  const anyRecord = fc
    .tuple(fc.nat({ max: 4 }), fc.nat({ max: 8 }), fc.constantFrom(revoked, revoked, retracted, tombstone, garbage))
    .map(([lock, blockNumber, kind]) =>
      kind(revocationLog({ lockId: lockIdOf(lock), blockNumber, blockHash: hashOf(blockNumber) })),
    );
  const anyTopic = fc.array(fc.tuple(anyRecord, fc.boolean()), { maxLength: 40 });

  it('gives the same before, during and after compaction', () => {
    fc.assert(
      fc.property(anyTopic, fc.nat({ max: 8 }), (records, finalizedBlock) => {
        const whole = records.map(([record]) => record);
        const partly = records.filter(([record, kept], at) => kept || isLastOfKey(record, at, whole));
        const compacted = whole.filter((record, at) => isLastOfKey(record, at, whole));
        const window = fold(whole, finalizedBlock);
        expect(fold(compacted, finalizedBlock)).toEqual(window);
        const part = partly.map(([record]) => record);
        expect(fold(part, finalizedBlock)).toEqual(window);
      }),
    );
  });

  it('may start over at any record', () => {
    fc.assert(
      fc.property(anyTopic, fc.nat(), (records, seed) => {
        const whole = records.map(([record]) => record);
        const from = whole.length === 0 ? 0 : seed % whole.length;
        expect(fold([...whole, ...whole.slice(from)])).toEqual(fold(whole));
      }),
    );
  });

  it('gives the same whether final records are pruned later or never folded', () => {
    fc.assert(
      fc.property(anyTopic, fc.nat({ max: 8 }), (records, finalizedBlock) => {
        const whole = records.map(([record]) => record);
        const pruned = fold(whole);
        pruneWindow(pruned, finalizedBlock);
        expect(pruned).toEqual(fold(whole, finalizedBlock));
      }),
    );
  });
});

function fold(records: readonly TopicRecord[], finalizedBlock = -1): Map<string, LiveRecord> {
  const window = new Map<string, LiveRecord>();
  for (const [key, value] of records) foldWindow(window, parseRevocationRecord(key, value, identity), finalizedBlock);
  return window;
}

function isLastOfKey([key]: TopicRecord, at: number, records: readonly TopicRecord[]): boolean {
  const text = String(key);
  return records.slice(at + 1).every(([later]) => String(later) !== text);
}

function revoked(about: typeof log): TopicRecord {
  return [keyOf(about), encodeUtf8(encodeRevoked(about, identity))];
}

function retracted(about: typeof log): TopicRecord {
  return [keyOf(about), encodeUtf8(encodeRetracted({ ...about, reason: 'reorg' }, identity))];
}

function tombstone(about: typeof log): TopicRecord {
  return [keyOf(about), null];
}

function garbage(about: typeof log): TopicRecord {
  return [keyOf(about), encodeUtf8('{"schemaVersion":9}')];
}

function keyOf(about: typeof log): Uint8Array {
  return encodeUtf8(revocationKey(about));
}
