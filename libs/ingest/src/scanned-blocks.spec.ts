import { describe, expect, it } from '@jest/globals';
import { baseBlock } from './followed-block.js';
import { scannedBlocks } from './scanned-blocks.js';
import { revocation, SimulatedChain } from './testing/simulated-chain.js';

describe('what followed blocks say of the chain', () => {
  it('begins above the base, whose own logs were not looked at', () => {
    const chain = new SimulatedChain();
    for (const block of [1, 2, 3]) chain.mine([revocation(block)]);
    const [base, ...above] = [1, 2, 3].map((number) => ({
      ...baseBlock(chain.at(number)),
      logs: chain.at(number).logs,
    }));
    if (base === undefined) throw new Error('there is a base');
    const scanned = scannedBlocks([base, ...above], 3);
    expect(scanned.range).toEqual({ fromBlock: 2, toBlock: 3 });
    expect([...scanned.blockHashes]).toEqual([2, 3].map((number) => [number, chain.at(number).hash]));
    expect(scanned.logs).toEqual(chain.logsFrom(2));
  });

  it('reaches as far as a longer branch did, of which blocks the hashes are not known', () => {
    const chain = new SimulatedChain();
    chain.mine();
    const scanned = scannedBlocks([baseBlock(chain.at(0)), baseBlock(chain.at(1))], 7);
    expect(scanned.range).toEqual({ fromBlock: 1, toBlock: 7 });
    expect([...scanned.blockHashes.keys()]).toEqual([1]);
  });
});
