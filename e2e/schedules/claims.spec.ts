import { describe, expect, it } from '@jest/globals';
import type { TopicRecord } from '../topic-client.js';
import { brokenClaims, claimsOf, inventions, type Canonical } from './claims.js';

const log = { owner: '0x1', blockNumber: 7, blockHash: '0x7', blockTime: 7, transactionHash: '0x77', logIndex: 0 };
const canonical: Canonical = {
  hashes: new Map([
    [7, '0x7'],
    [9, '0x9'],
  ]),
  revocations: new Map([['1-0xa', log]]),
};

function record(offset: number, kind: string, blockHash = '0x7', logIndex = 0): TopicRecord {
  const value = Buffer.from(JSON.stringify({ kind, blockNumber: 7, blockHash, logIndex }));
  return { partition: 3, offset, timestamp: 0, key: Buffer.from('1-0xa'), value, headers: new Map() };
}

function saying(offset: number, coveredToHash = '0x9', coveredFrom = 1): TopicRecord {
  const offsets = { 3: offset };
  const said = {
    component: 'ingest-batch',
    coveredFrom,
    coveredTo: 9,
    coveredToHash,
    offsets,
    proof: 'receipts',
    audit: null,
  };
  return {
    partition: 0,
    offset: 0,
    timestamp: 0,
    key: null,
    value: Buffer.from(JSON.stringify(said)),
    headers: new Map(),
  };
}

function broken(status: TopicRecord, ...records: readonly TopicRecord[]): number {
  return brokenClaims(claimsOf([status]), records, canonical).length;
}

describe('a claim of coverage is broken', () => {
  it('where the record of a covered revocation is missing, or lies beyond the offsets', () => {
    expect(broken(saying(0))).toBe(1);
    expect(broken(saying(5), record(5, 'revoked'))).toBe(1);
    expect(broken(saying(6), record(5, 'revoked'))).toBe(0);
  });

  it('where the record is about another log, or was taken back below the offsets', () => {
    expect(broken(saying(6), record(5, 'revoked', '0xother'))).toBe(1);
    expect(broken(saying(7), record(5, 'revoked'), record(6, 'retracted'))).toBe(1);
    expect(broken(saying(6), record(5, 'revoked'), record(6, 'retracted'))).toBe(0);
  });

  it('not where the revocation is outside its blocks, or it was made on another branch', () => {
    expect(broken(saying(0, '0x9', 8))).toBe(0);
    expect(broken(saying(0, '0xorphaned'))).toBe(0);
  });
});

describe('a record is invented', () => {
  it('where its block stands and does not have the revocation', () => {
    expect(inventions([record(0, 'revoked')], canonical)).toEqual([]);
    expect(inventions([record(0, 'revoked', '0xorphaned', 1)], canonical)).toEqual([]);
    expect(inventions([record(0, 'retracted', '0x7', 1)], canonical)).toEqual([]);
    expect(inventions([record(0, 'revoked', '0x7', 1)], canonical)).toHaveLength(1);
  });
});
