import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lockId } from './lock-id.js';
import { anyUint256 } from './testing/arbitraries.js';

describe('lock id', () => {
  it('reads every uint256 and writes it back as the same text', () => {
    fc.assert(
      fc.property(anyUint256, (id) => {
        expect(lockId.parse(id.toString())).toBe(id);
      }),
    );
  });

  it('keeps ids apart that a double would round together', () => {
    expect(lockId.parse('9007199254740993').toString()).toBe('9007199254740993');
    expect(lockId.parse((2n ** 256n - 1n).toString())).toBe(2n ** 256n - 1n);
  });

  it.each([
    ['leading zeros', '007'],
    ['a doubled zero', '00'],
    ['hex', '0x7'],
    ['a plus sign', '+7'],
    ['a minus sign', '-7'],
    ['an escaped plus sign', '%2B7'],
    ['a fraction', '7.0'],
    ['an exponent', '1e3'],
    ['infinity', 'Infinity'],
    ['not a number', 'NaN'],
    ['nothing', ''],
    ['a blank before', ' 7'],
    ['a blank behind', '7 '],
    ['a tab before', '\t7'],
    ['a line feed behind', '7\n'],
    ['a full-width digit', '７'],
    ['an Arabic-Indic digit', '٧'],
    ['a digit separator', '1_000'],
    ['a bigint suffix', '7n'],
    ['two to the power of 256', (2n ** 256n).toString()],
    ['78 nines', '9'.repeat(78)],
    ['79 digits', `1${'0'.repeat(78)}`],
    ['a million digits', '1'.repeat(1_000_000)],
  ])('refuses %s', (_, text) => {
    expect(lockId.safeParse(text).success).toBe(false);
  });

  it.each([7, 9007199254740993n, null, undefined, true, ['7'], { $gt: '' }])(
    'refuses %p, which is no text',
    (value) => {
      expect(lockId.safeParse(value).success).toBe(false);
    },
  );

  it('accepts no text but the canonical one of each number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9a-fx.e_ \n]{1,80}$/)), (text) => {
        const parsed = lockId.safeParse(text);
        if (parsed.success) expect(parsed.data.toString()).toBe(text);
      }),
    );
  });
});
