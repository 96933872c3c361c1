import { describe, expect, it } from '@jest/globals';
import { advanceTo, baseBlock, type FollowedBlock } from './followed-block.js';
import { revocation, SimulatedChain } from './testing/simulated-chain.js';

/** Blocks 0..5 of which 1 and 4 hold a revocation, followed from block 0 on. */
async function followed(): Promise<{ readonly chain: SimulatedChain; readonly blocks: readonly FollowedBlock[] }> {
  const chain = new SimulatedChain();
  for (const block of [1, 2, 3, 4, 5]) chain.mine(block % 3 === 1 ? [revocation(block)] : []);
  const advance = await advanceTo(chain.head, [baseBlock(chain.at(0))], chain);
  if (advance.kind !== 'advance') throw new Error(`the head could not be joined: ${advance.kind}`);
  chain.requests.splice(0);
  return { chain, blocks: advance.blocks };
}

function numbersOf(blocks: readonly FollowedBlock[]): readonly number[] {
  return blocks.map(({ number }) => number);
}

describe('advancing to a head', () => {
  it('gives every block above the base with its revocations, lowest first', async () => {
    const { chain, blocks } = await followed();
    expect(numbersOf(blocks)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(blocks.map(({ logs }) => logs)).toEqual(
      [[], [1], [], [], [4], []].map(([at]) => (at === undefined ? [] : chain.at(at).logs)),
    );
    expect(blocks.map(({ hash }) => hash)).toEqual([0, 1, 2, 3, 4, 5].map((number) => chain.at(number).hash));
  });

  it('reads nothing when the head has not moved', async () => {
    const { chain, blocks } = await followed();
    expect(await advanceTo(chain.head, blocks, chain)).toEqual({ kind: 'unchanged' });
    expect(chain.requests).toEqual([]);
  });

  it('reads only the new blocks, and never those below', async () => {
    const { chain, blocks } = await followed();
    chain.mineBlocks(3);
    const advance = await advanceTo(chain.head, blocks, chain);
    expect(advance).toMatchObject({ kind: 'advance', orphaned: [] });
    expect(chain.requests.toSorted()).toEqual(['block', 'block', 'logsOfBlock', 'logsOfBlock', 'logsOfBlock']);
  });

  it('gives the orphaned blocks with their revocations', async () => {
    const { chain, blocks } = await followed();
    const orphaned = chain.cut(2);
    chain.mineBlocks(3);
    const advance = await advanceTo(chain.head, blocks, chain);
    if (advance.kind !== 'advance') throw new Error(advance.kind);
    expect(numbersOf(advance.blocks)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(numbersOf(advance.orphaned)).toEqual([4, 5]);
    expect(advance.orphaned.flatMap(({ logs }) => logs)).toEqual(orphaned);
    expect(advance.blocks.flatMap(({ logs }) => logs)).toEqual(chain.logsFrom(0));
  });

  it('stops at the base and says that it is contradicted', async () => {
    const { chain, blocks } = await followed();
    const above = blocks.slice(3);
    chain.cut(4);
    chain.mineBlocks(6);
    const advance = await advanceTo(chain.head, above, chain);
    expect(advance).toMatchObject({ kind: 'finality_violation', violation: { blockNumber: 3 } });
    expect(chain.requests).not.toContain('logsOfBlock');
  });

  it('waits where the head lies among the blocks that are followed', async () => {
    const { chain, blocks } = await followed();
    expect(await advanceTo(chain.at(2), blocks, chain)).toEqual({ kind: 'behind' });
  });

  it('fails as a whole when one block cannot be read', async () => {
    const { chain, blocks } = await followed();
    chain.mineBlocks(3);
    chain.before = (request) => {
      if (request === 'logsOfBlock' && chain.requests.filter((made) => made === 'logsOfBlock').length === 2)
        throw new Error('away');
    };
    await expect(advanceTo(chain.head, blocks, chain)).rejects.toThrow('away');
  });
});
