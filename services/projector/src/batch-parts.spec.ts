import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { halvesOf, partsOf } from './batch-parts.js';
import { batchOf, recordsOf } from './testing/records.js';

const batchFrom = (sizes: readonly number[], gap: number): ReturnType<typeof batchOf> => {
  const records = recordsOf(sizes.map((size) => ({ key: 'k', value: Buffer.alloc(size) })));
  const spaced = records.map((record) => ({ ...record, offset: record.offset * (gap + 1) + 5 }));
  return { ...batchOf(spaced), fromOffset: 3, nextOffset: 1_000_000 };
};

describe('the parts of a batch', () => {
  it('follow one another without a gap, hold every record once, and keep to the limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 20 }), { maxLength: 40 }),
        fc.nat({ max: 3 }),
        fc.record({ records: fc.integer({ min: 1, max: 7 }), bytes: fc.integer({ min: 1, max: 60 }) }),
        (sizes, gap, limits) => {
          const batch = batchFrom(sizes, gap);
          const parts = partsOf(batch, limits);
          expect(parts.flatMap(({ records }) => records)).toEqual(batch.records);
          expect(parts[0]?.fromOffset).toBe(batch.fromOffset);
          expect(parts.at(-1)?.nextOffset).toBe(batch.nextOffset);
          for (const [index, part] of parts.entries()) {
            if (index > 0) expect(part.fromOffset).toBe(parts[index - 1]?.nextOffset);
            expect(part.records.length).toBeLessThanOrEqual(limits.records);
            const bytes = part.records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
            expect(part.records.length <= 1 || bytes <= limits.bytes).toBe(true);
            expect(part.records.every(({ offset }) => offset >= part.fromOffset && offset < part.nextOffset)).toBe(
              true,
            );
          }
        },
      ),
    );
  });

  it('are two halves where it is split', () => {
    const batch = batchFrom([1, 1, 1], 1);
    expect(
      halvesOf(batch).map(({ fromOffset, nextOffset, records }) => [fromOffset, nextOffset, records.length]),
    ).toEqual([
      [3, 9, 2],
      [9, 1_000_000, 1],
    ]);
  });
});
