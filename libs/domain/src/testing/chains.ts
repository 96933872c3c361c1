import type { Block } from '../block.js';
import { hashOf } from './arbitraries.js';

/** Blocks linked by parent hash, lowest first. Blocks of different branches never share a hash. */
export function buildChain(fromBlock: number, count: number, branch = 0): readonly Block[] {
  return Array.from({ length: count }, (_, index) => blockOf(fromBlock + index, branch));
}

/** The chain up to `ancestor`, and `count` new blocks of another branch on top. */
export function forkAt(chain: readonly Block[], ancestor: number, count: number, branch: number): readonly Block[] {
  const kept = chain.filter((block) => block.number <= ancestor);
  const [first, ...rest] = buildChain(ancestor + 1, count, branch);
  if (first === undefined) return kept;
  return [...kept, { ...first, parentHash: kept.at(-1)?.hash ?? first.parentHash }, ...rest];
}

export function isLinked(chain: readonly Block[]): boolean {
  return chain.every((block, index) => {
    const parent = chain[index - 1];
    return parent === undefined || (parent.hash === block.parentHash && parent.number + 1 === block.number);
  });
}

function blockOf(number: number, branch: number): Block {
  return { number, hash: idOf(number, branch), parentHash: idOf(number - 1, branch), timestamp: number * 12 };
}

function idOf(number: number, branch: number): Block['hash'] {
  return hashOf((BigInt(branch + 1) << 64n) + BigInt(number + 1));
}
