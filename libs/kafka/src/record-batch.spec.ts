import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findHeader, lastOffsetOf, readHeaders, recordsIn } from './record-batch.js';
import { headerBytes, recordBatch } from './testing/record-batches.js';

const all = { from: 0, aborted: [] };
const offsets = (fetched: Buffer, options: Parameters<typeof recordsIn>[1] = all): readonly number[] =>
  recordsIn(fetched, options).map(({ offset }) => offset);

describe('the records that a fetch brought', () => {
  const fetched = Buffer.concat([
    recordBatch({ baseOffset: 10, keys: ['a', 'b'] }),
    recordBatch({ baseOffset: 15, keys: [], lastOffsetDelta: 4 }),
  ]);

  it('are read from an offset on', () => {
    expect(offsets(fetched)).toEqual([10, 11]);
    expect(offsets(fetched, { from: 11, aborted: [] })).toEqual([11]);
  });

  it('end at the last offset of the last batch, also where compaction has emptied it', () => {
    expect(lastOffsetOf(fetched)).toBe(19);
    expect(lastOffsetOf(fetched.subarray(0, fetched.length - 1))).toBe(11);
    expect(lastOffsetOf(Buffer.alloc(0))).toBeUndefined();
  });

  it('are refused in a format that is no longer written', () => {
    const old = Buffer.from(fetched);
    old.writeInt8(1, 16);
    expect(() => lastOffsetOf(old)).toThrow('format 1');
  });
});

describe('transactions', () => {
  const written = (baseOffset: number, producerId: bigint): Buffer =>
    recordBatch({ baseOffset, keys: ['x'], producerId, inTransaction: true });
  const marker = (baseOffset: number, producerId: bigint, ends: 'abort' | 'commit'): Buffer =>
    recordBatch({ baseOffset, keys: [Buffer.from([0, 0, 0, ends === 'abort' ? 0 : 1])], producerId, isControl: true });

  it('that were given up are left out up to their marker, markers always', () => {
    const fetched = Buffer.concat([
      written(0, 1n),
      written(1, 2n),
      recordBatch({ baseOffset: 2, keys: ['plain'], producerId: 1n }),
      marker(3, 1n, 'abort'),
      marker(4, 2n, 'commit'),
      written(5, 1n),
      marker(6, 1n, 'commit'),
    ]);
    expect(offsets(fetched, { from: 0, aborted: [{ producerId: '1', firstOffset: 0 }] })).toEqual([1, 2, 5]);
  });

  it('of two producers may be given up at the same time', () => {
    const fetched = Buffer.concat([
      written(0, 1n),
      written(1, 2n),
      marker(2, 2n, 'abort'),
      written(3, 1n),
      marker(4, 1n, 'abort'),
      written(5, 2n),
    ]);
    const aborted = [
      { producerId: '1', firstOffset: 0 },
      { producerId: '2', firstOffset: 1 },
    ];
    expect(offsets(fetched, { from: 0, aborted })).toEqual([5]);
  });
});

describe('one header', () => {
  it('is what it is among all of them', () => {
    const name = fc.constantFrom('a', 'b', 'ab', 'source');
    const headers = fc.array(fc.tuple(name, fc.option(fc.uint8Array({ maxLength: 5 }))), { maxLength: 6 });
    fc.assert(
      fc.property(headers, name, (written, wanted) => {
        const bytes = headerBytes(written);
        expect(findHeader(bytes, Buffer.from(wanted))).toEqual(readHeaders(bytes)[wanted]);
      }),
    );
  });
});
