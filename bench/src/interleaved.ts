import { wholeCell } from './cells.js';
import type { BenchContext } from './scenario.js';

/** One of the things that are compared. */
export interface Side {
  readonly what: string;
  /** Does it once and gives the milliseconds it took. */
  readonly time: () => Promise<number>;
}

export interface Times {
  readonly what: string;
  /** One for each run. */
  readonly milliseconds: readonly number[];
}

/** Every run does one of each, so that all of them see the same machine. */
export async function interleaved(
  sides: readonly Side[],
  { runs, say }: Pick<BenchContext, 'runs' | 'say'>,
): Promise<readonly Times[]> {
  const times = sides.map(({ what }): { what: string; milliseconds: number[] } => ({ what, milliseconds: [] }));
  for (let run = 0; run < runs; run++) {
    for (const [index, { what, time }] of sides.entries()) {
      const milliseconds = await time();
      times[index]?.milliseconds.push(milliseconds);
      say(`${what}: ${wholeCell(milliseconds)} ms`);
    }
  }
  return times;
}
