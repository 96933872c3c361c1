import { spreadOf } from './spread.js';

/** Cells of a table: median, smallest and largest of the milliseconds of several runs. */
export function spreadCells(milliseconds: readonly number[]): readonly string[] {
  const { median, min, max } = spreadOf(milliseconds);
  return [median, min, max].map(wholeCell);
}

/** How many times the reference, by the medians. */
export function ratioCell(milliseconds: readonly number[], reference: readonly number[]): string {
  return (spreadOf(milliseconds).median / spreadOf(reference).median).toFixed(2);
}

export function wholeCell(value: number): string {
  return Math.round(value).toLocaleString('en');
}
