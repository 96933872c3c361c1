import type { Chance, Tampering } from './fault-proxy-faults.js';

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Says of one after the other whether it is struck. */
export function striking(chance: Chance | undefined): () => boolean {
  if (chance === undefined) return () => false;
  if ('every' in chance) {
    let count = 0;
    return () => (count += 1) % chance.every === 0;
  }
  const random = seededRandom(chance.seed);
  return () => random() < chance.probability;
}

/** The tampering, on some of the calls only. */
export function sometimes(chance: Chance, tampering: Tampering): Tampering {
  const struck = striking(chance);
  return (call, result, ask) => (struck() ? tampering(call, result, ask) : result);
}

/** Another order of the same items. */
export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}
