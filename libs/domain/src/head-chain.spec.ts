import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Block } from './block.js';
import { dropFinalized, joinHead, type HeadStep } from './head-chain.js';
import { buildChain, forkAt, isLinked } from './testing/chains.js';

const chain = buildChain(100, 10);

describe('joining a head', () => {
  it('changes nothing where the head is our tip', () => {
    expect(walkFrom(chain, chain)).toEqual({ kind: 'unchanged' });
  });

  it('extends our tip by one block or by many', () => {
    for (const count of [1, 7]) {
      const node = forkAt(chain, 109, count, 0);
      expect(walkFrom(chain, node)).toEqual({ kind: 'advance', kept: chain, orphaned: [], added: node.slice(10) });
    }
  });

  it('asks for the parent while the branch does not meet the followed chain', () => {
    const node = forkAt(chain, 109, 3, 0);
    const head = tipOf(node);
    expect(joinHead(chain, [head])).toEqual({ kind: 'walk', parentHash: head.parentHash });
  });

  it('orphans our blocks above the ancestor of a fork', () => {
    const node = forkAt(chain, 106, 5, 1);
    expect(walkFrom(chain, node)).toEqual({
      kind: 'advance',
      kept: chain.slice(0, 7),
      orphaned: chain.slice(7),
      added: node.slice(7),
    });
  });

  it('follows a fork that is shorter than the branch it replaces', () => {
    const node = forkAt(chain, 104, 1, 1);
    expect(walkFrom(chain, node)).toMatchObject({ kind: 'advance', orphaned: chain.slice(5), added: node.slice(5) });
  });

  it('follows a fork from the base itself', () => {
    const node = forkAt(chain, 100, 12, 1);
    expect(walkFrom(chain, node)).toMatchObject({ kind: 'advance', kept: chain.slice(0, 1), orphaned: chain.slice(1) });
  });

  it('waits where the head is one of our own blocks', () => {
    expect(walkFrom(chain, chain.slice(0, 6))).toEqual({ kind: 'behind' });
    expect(walkFrom(chain, chain.slice(0, 1))).toEqual({ kind: 'behind' });
  });

  it('waits where the head is below our base: a lagging endpoint is no finality violation', () => {
    expect(walkFrom(chain, buildChain(90, 8))).toEqual({ kind: 'behind' });
    expect(walkFrom(chain, buildChain(90, 8, 1))).toEqual({ kind: 'behind' });
  });

  it('reports another block at the height of the base', () => {
    const node = buildChain(90, 11, 1);
    expect(walkFrom(chain, node)).toEqual(violation(tipOf(node)));
  });

  it('reports a branch that passes the base by', () => {
    const node = buildChain(90, 25, 1);
    expect(walkFrom(chain, node)).toEqual(violation(node[10]));
  });

  it('goes on with what the caller keeps beside a block', () => {
    const noted = chain.map((block) => ({ ...block, logs: block.number }));
    const step = walkFrom(noted, forkAt(chain, 106, 5, 1));
    expect(step).toMatchObject({ kind: 'advance', kept: noted.slice(0, 7), orphaned: noted.slice(7) });
  });

  function violation(actual: Block | undefined) {
    const hashes = { expectedHash: chain[0]?.hash, actualHash: actual?.hash };
    return { kind: 'finality_violation', violation: { blockNumber: 100, ...hashes } };
  }
});

describe('following a chain', () => {
  const anyMoves = fc.array(
    fc.record({ cut: fc.nat({ max: 12 }), grow: fc.nat({ max: 15 }), finality: fc.nat({ max: 20 }) }),
    { maxLength: 20 },
  );

  it('is linked after every advance, ends at the head and is what the node has', () => {
    fc.assert(
      fc.property(anyMoves, (moves) => {
        let node = buildChain(0, 5);
        let followed: readonly Block[] = node;
        moves.forEach((move, index) => {
          const base = followed[0]?.number ?? 0;
          node = forkAt(node, Math.max(tipOf(node).number - move.cut, base), move.grow, index + 1);
          const before = followed;
          const step = walkFrom(before, node);
          followed = follow(before, step);
          expect(isLinked(followed)).toBe(true);
          if (step.kind === 'advance') {
            expect(followed).toEqual(node.slice(base));
            expect(step.orphaned).toEqual(before.filter((block) => !node.includes(block)));
          } else expect(move.grow).toBe(0);
          followed = dropFinalized(followed, tipOf(node).number - move.finality);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('reports every reorg below the base once the new branch is as high, and never before', () => {
    const anyReorg = fc.record({ base: fc.integer({ min: 1, max: 20 }), ancestor: fc.nat(19), grow: fc.nat(40) });
    fc.assert(
      fc.property(anyReorg, ({ base, ancestor, grow }) => {
        fc.pre(ancestor < base);
        const node = buildChain(0, 30);
        const forked = forkAt(node, ancestor, grow, 1);
        const step = walkFrom(node.slice(base), forked);
        expect(step.kind).toBe(tipOf(forked).number < base ? 'behind' : 'finality_violation');
      }),
    );
  });
});

describe('dropping final blocks', () => {
  it('makes the finalized block the base', () => {
    expect(dropFinalized(chain, 104)).toEqual(chain.slice(4));
  });

  it('keeps everything while the finalized block is below the base', () => {
    expect(dropFinalized(chain, 99)).toEqual(chain);
  });

  it('keeps the tip though everything is final', () => {
    expect(dropFinalized(chain, 109)).toEqual(chain.slice(9));
    expect(dropFinalized(chain, 1000)).toEqual(chain.slice(9));
  });
});

/** Reads the node's blocks by parent hash, from its head down, until the step is decided. */
function walkFrom<B extends Block>(followed: readonly B[], node: readonly Block[]): HeadStep<B> {
  const byHash = new Map(node.map((block) => [block.hash, block]));
  const branch: [Block, ...Block[]] = [tipOf(node)];
  let step = joinHead(followed, branch);
  while (step.kind === 'walk') {
    const parent = byHash.get(step.parentHash);
    if (parent === undefined) throw new Error('asked for a block that the node does not have');
    branch.push(parent);
    step = joinHead(followed, branch);
  }
  return step;
}

function follow(followed: readonly Block[], step: HeadStep): readonly Block[] {
  return step.kind === 'advance' ? [...step.kept, ...step.added] : followed;
}

function tipOf(blocks: readonly Block[]): Block {
  const tip = blocks.at(-1);
  if (tip === undefined) throw new Error('a chain has at least one block');
  return tip;
}
