import { RLP, type Input } from '@ethereumjs/rlp';
import { keccak_256 } from '@noble/hashes/sha3.js';

/**
 * Root of the Merkle Patricia trie that holds every value under the RLP of its index, as block headers commit to
 * receipts (yellow paper, appendix D). Built from the leaves up, so that every node is hashed once: inserting one value
 * after the other, as a trie with a database does, hashes the path to the root anew each time.
 */
export function indexedTrieRoot(values: readonly Uint8Array[]): Uint8Array {
  if (values.length === 0) return keccak_256(RLP.encode(nothing));
  const leaves = values.map((value, index) => ({ path: nibblesOf(RLP.encode(index)), value }));
  return keccak_256(RLP.encode(nodeOf(leaves, 0)));
}

interface Leaf {
  readonly path: readonly number[];
  readonly value: Uint8Array;
}

const nothing = new Uint8Array();

/** The node for all leaves whose paths agree in their first `depth` nibbles. No RLP is the beginning of another one. */
function nodeOf(leaves: readonly Leaf[], depth: number): Input {
  const [first] = leaves;
  if (first === undefined) return nothing;
  if (leaves.length === 1) return [compactPath(first.path.slice(depth), true), first.value];
  const fork = forkOf(leaves, first, depth);
  if (fork > depth) return [compactPath(first.path.slice(depth, fork), false), reference(nodeOf(leaves, fork))];
  const children = Array.from({ length: 16 }, (_, nibble) => leaves.filter(({ path }) => path[depth] === nibble));
  return [...children.map((child) => (child.length === 0 ? nothing : reference(nodeOf(child, depth + 1)))), nothing];
}

/** How many nibbles all paths have in common. */
function forkOf(leaves: readonly Leaf[], first: Leaf, depth: number): number {
  let fork = depth;
  while (leaves.every(({ path }) => path[fork] === first.path[fork])) fork += 1;
  return fork;
}

/** A node of less than 32 bytes stands in its parent itself. */
function reference(node: Input): Input {
  const encoded = RLP.encode(node);
  return encoded.length < 32 ? node : keccak_256(encoded);
}

/** Hex-prefix encoding: whether it ends in a leaf, and whether the path is odd, in the first nibble. */
function compactPath(path: readonly number[], leaf: boolean): Uint8Array {
  const flag = (leaf ? 2 : 0) + (path.length % 2);
  const nibbles = path.length % 2 === 1 ? [flag, ...path] : [flag, 0, ...path];
  return Uint8Array.from(
    { length: nibbles.length / 2 },
    (_, at) => (nibbleAt(nibbles, at * 2) << 4) | nibbleAt(nibbles, at * 2 + 1),
  );
}

function nibbleAt(nibbles: readonly number[], at: number): number {
  return nibbles[at] ?? 0;
}

function nibblesOf(bytes: Uint8Array): readonly number[] {
  return [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
}
