import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { murmur2, partitionOf } from './partition.js';
import { encodeUtf8 } from './testing/arbitraries.js';

describe('murmur2', () => {
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
    ['', 275646681],
  ])("gives what Kafka's own UtilsTest expects of %p", (text, hash) => {
    expect(murmur2(encodeUtf8(text))).toBe(hash);
  });

  it('is the reference algorithm in 32-bit arithmetic without tricks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(murmur2(bytes)).toBe(Number(BigInt.asIntN(32, reference(bytes))));
      }),
    );
  });
});

describe('partition of a key', () => {
  it('is the positive hash modulo the count, also where the hash is negative', () => {
    expect(partitionOf(encodeUtf8('abc'), 8)).toBe(479470107 % 8);
    expect(partitionOf(encodeUtf8('21'), 8)).toBe((-973932308 & 0x7fffffff) % 8);
  });

  it('is always one of the partitions', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 1000 }), (key, count) => {
        const partition = partitionOf(key, count);
        expect(partition).toBeGreaterThanOrEqual(0);
        expect(partition).toBeLessThan(count);
      }),
    );
  });
});

/** Word by word with bigints, as the published description of murmur2 has it. */
function reference(bytes: Uint8Array): bigint {
  const u32 = (value: bigint) => BigInt.asUintN(32, value);
  const m = 0x5bd1e995n;
  let hash = u32(0x9747b28cn ^ BigInt(bytes.length));
  const view = Buffer.from(bytes);
  const words = Math.floor(bytes.length / 4);
  for (let word = 0; word < words; word += 1) {
    let k = u32(BigInt(view.readUInt32LE(word * 4)) * m);
    k = u32((k ^ (k >> 24n)) * m);
    hash = u32(hash * m) ^ k;
  }
  const tail = [...bytes.slice(words * 4)];
  if (tail.length > 0) {
    const k = tail.reduce((sum, byte, index) => sum | (BigInt(byte) << BigInt(8 * index)), 0n);
    hash = u32((hash ^ k) * m);
  }
  hash = u32((hash ^ (hash >> 13n)) * m);
  return hash ^ (hash >> 15n);
}
