import { createMPT } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { indexedTrieRoot } from './trie-root.js';

describe('the root of an indexed trie', () => {
  it('is that of the empty trie when nothing is in it', () => {
    const root = Buffer.from(indexedTrieRoot([])).toString('hex');
    expect(root).toBe('56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421');
  });

  it('is what a trie gives into which the values are put one by one', async () => {
    const value = fc.uint8Array({ minLength: 1, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 300, size: 'max' }), async (values) => {
        expect(indexedTrieRoot(values)).toEqual(await rootOf(values));
      }),
      { numRuns: 30 },
    );
  });

  it.each([1, 2, 16, 17, 127, 128, 129, 130, 255, 256, 257, 300])('is right for %i values', async (count) => {
    const values = Array.from({ length: count }, (_, index) => new Uint8Array(1 + (index % 40)).fill(index));
    expect(indexedTrieRoot(values)).toEqual(await rootOf(values));
  });
});

async function rootOf(values: readonly Uint8Array[]): Promise<Uint8Array> {
  const trie = await createMPT();
  for (const [index, value] of values.entries()) await trie.put(RLP.encode(index), value);
  return trie.root();
}
