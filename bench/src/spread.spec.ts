import { describe, expect, it } from '@jest/globals';
import { percentile, spreadOf } from './spread.js';

describe('spreadOf', () => {
  it('gives the middle one and both ends, whatever the order', () => {
    expect(spreadOf([9, 1, 5, 30, 2])).toEqual({ median: 5, min: 1, max: 30 });
  });

  it('is of one measurement that measurement', () => {
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
  });
});

describe('percentile', () => {
  it('is a value that was measured', () => {
    const values = Array.from({ length: 200 }, (_, index) => index + 1);
    expect([50, 90, 99, 100].map((percent) => percentile(values, percent))).toEqual([100, 180, 198, 200]);
  });

  it('of nothing is an error', () => {
    expect(() => percentile([], 50)).toThrow('nothing');
  });
});
