import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inChunks, recordBytes } from './record-chunks.js';

const records = fc.array(
  fc.record({
    key: fc.string(),
    value: fc.oneof(
      fc.string(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    ),
    headers: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  }),
);

describe('chunks of records', () => {
  it('hold every record once, in order, within the limits', () => {
    fc.assert(
      fc.property(
        records,
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 100, max: 500 }),
        (all, maxRecords, maxBytes) => {
          const chunks = [...inChunks(all, { maxRecords, maxBytes })];
          expect(chunks.flat()).toEqual(all);
          for (const chunk of chunks) {
            const bytes = chunk.reduce((sum, record) => sum + recordBytes(record), 61);
            expect(chunk.length).toBeLessThanOrEqual(maxRecords);
            expect(chunk.length === 1 || bytes <= maxBytes).toBe(true);
          }
        },
      ),
    );
  });

  it('are none when there are no records', () => {
    expect([...inChunks([], { maxRecords: 1, maxBytes: 1 })]).toEqual([]);
  });

  it('give a record that is too large a chunk of its own', () => {
    const [small, large] = [
      { key: 'a', value: 'b' },
      { key: 'c', value: 'x'.repeat(1000) },
    ];
    expect([...inChunks([small, large, small], { maxRecords: 10, maxBytes: 500 })]).toEqual([
      [small],
      [large],
      [small],
    ]);
  });

  it('count bytes, not characters', () => {
    expect(recordBytes({ key: '', value: 'é' })).toBe(recordBytes({ key: '', value: 'aa' }));
  });
});
