export interface BackOffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait after so many failures in a row (from 1 on): the pause doubles up to the longest, and jitter takes up
 * to half of it away, so that many who failed together do not come back together.
 * @param random from 0 to 1
 */
export function backOffMs(failures: number, { firstMs, longestMs }: BackOffBounds, random: number): number {
  return Math.min(firstMs * 2 ** Math.min(failures - 1, 30), longestMs) * (0.5 + random / 2);
}
