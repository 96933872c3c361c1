import { describe, expect, it } from '@jest/globals';
import { deployment, deploymentDifferences, type Deployment } from './deployment.js';
import { addressOf, hashOf } from './testing/arbitraries.js';

const expected: Deployment = { chainId: 1, contract: addressOf(1), startBlock: 100, startBlockHash: hashOf(100) };

describe('deployment', () => {
  it('differs from itself in nothing', () => {
    expect(deploymentDifferences(expected, { ...expected })).toEqual([]);
  });

  it.each([
    [{ chainId: 5 }, 'chainId is 5 and not 1'],
    [{ contract: addressOf(2) }, `contract is ${addressOf(2)} and not ${addressOf(1)}`],
    [{ startBlock: 99 }, 'startBlock is 99 and not 100'],
    [{ startBlockHash: hashOf(7) }, `startBlockHash is ${hashOf(7)} and not ${hashOf(100)}`],
  ])('names %p as a difference', (change, sentence) => {
    expect(deploymentDifferences(expected, { ...expected, ...change })).toEqual([sentence]);
  });

  it('names every difference at once', () => {
    const other = { chainId: 5, contract: addressOf(2), startBlock: 99, startBlockHash: hashOf(7) };
    expect(deploymentDifferences(expected, other)).toHaveLength(4);
  });

  it.each([{ chainId: 0 }, { contract: addressOf(0xabc).toUpperCase() }, { startBlock: -1 }, { extra: 1 }])(
    'is refused with %p',
    (change) => {
      expect(deployment.safeParse({ ...expected, ...change }).success).toBe(false);
    },
  );
});
