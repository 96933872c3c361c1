import { describe, expect, it } from '@jest/globals';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

describe('written bytes', () => {
  it.each([1, 2, 3, 5, 8, 13, 64, 1000])('are read back, whatever the first capacity of %d', (capacity) => {
    const writer = new ByteWriter(capacity);
    for (let round = 0; round < 20; round++) {
      writer.int8(-round);
      writer.int16(-round);
      writer.int32(-round);
      writer.int64(BigInt(-round));
      writer.varint(round * 1_000_000);
      writer.string('é'.repeat(round));
      writer.varBytes('x'.repeat(round));
      writer.varBytes(Buffer.alloc(round, round));
    }
    const reader = new ByteReader(writer.written());
    for (let round = 0; round < 20; round++) {
      const numbers = [reader.int8(), reader.int16(), reader.int32(), reader.int64()];
      expect(numbers.map((number) => number + round)).toEqual([0, 0, 0, 0]);
      expect(reader.varint()).toBe(round * 1_000_000);
      expect(reader.string()).toBe('é'.repeat(round));
      expect(reader.varBytes()).toEqual(Buffer.alloc(round, 'x'));
      expect(reader.varBytes()).toEqual(Buffer.alloc(round, round));
    }
    expect(reader.remaining).toBe(0);
  });
});
