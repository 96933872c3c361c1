import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@hybrid-sync/devstack';
import { z } from 'zod';
import { Ingestion } from './ingestion.js';

const patience = 60_000;
const transaction = z.object({ from: z.string(), to: z.string(), input: z.string() });
const retraction = z.looseObject({ kind: z.literal('retracted'), reason: z.string(), blockHash: z.string() });
let ingestion: Ingestion;
let lock: bigint;

beforeAll(async () => {
  // Final is what lies 64 blocks below the head: every reorg here stays above.
  ingestion = await Ingestion.create({ chain: { slotsInAnEpoch: 32 } });
  lock = await ingestion.registry.registerLock();
  await ingestion.mine(70);
  await ingestion.registry.revoke(lock, 'before');
  await ingestion.start();
  await ingestion.inStep();
}, patience);
afterEach(() => {
  ingestion.heal();
});
afterAll(() => ingestion.close(), patience);

function keyOf(signature: string): string {
  return `${lock}-${ingestion.registry.hashOf(signature)}`;
}

/** As it can be sent again in a block of another branch. */
async function requestOf(transactionHash: string): Promise<object> {
  const { from, to, input } = transaction.parse(await ingestion.rpc('eth_getTransactionByHash', transactionHash));
  return { from, to, data: input };
}

/** What was retracted of a signature, oldest first. */
async function retractionsOf(signature: string): Promise<readonly z.infer<typeof retraction>[]> {
  const records = await ingestion.records('signature-revocations');
  return records
    .filter(({ key }) => String(key) === keyOf(signature))
    .flatMap(({ value }) => retraction.safeParse(JSON.parse(String(value))).data ?? []);
}

describe('a reorg', () => {
  it(
    'F01 of one block that drops a log is followed by one retraction, which names the orphaned block',
    async () => {
      await ingestion.registry.revoke(lock, 'dropped');
      await ingestion.inStep();
      const { hash: orphaned } = await ingestion.blockAt('latest');
      await ingestion.rpc('anvil_reorg', 1, []);
      await ingestion.mine(1);
      expect((await ingestion.inStep()).has(keyOf('dropped'))).toBe(false);
      expect(await retractionsOf('dropped')).toMatchObject([{ reason: 'reorg', blockHash: orphaned }]);
    },
    patience,
  );

  it(
    'F02 that mines the same log in another block leaves it live there, and no claim is made without it',
    async () => {
      const { blockNumber, transactionHash } = await ingestion.registry.revoke(lock, 'moved');
      await ingestion.mine(1);
      await ingestion.inStep();
      await ingestion.rpc('anvil_reorg', 2, [[await requestOf(transactionHash), 1]]);
      const canonical = await ingestion.inStep();
      expect(canonical.get(keyOf('moved'))).toMatchObject({ blockNumber: blockNumber + 1 });
    },
    patience,
  );

  it.each([301, 302, 303])(
    'F03 of 2 to 30 blocks with kept, moved, dropped and new logs leaves what the chain has (seed %d)',
    async (seed) => {
      const random = seededRandom(seed);
      const depth = 2 + Math.floor(random() * 29);
      const kept: [object, number][] = [];
      for (let block = 0; block < depth; block++) {
        const { transactionHash } = await ingestion.registry.revokeBatch(lock, [
          `${seed}, ${block} a`,
          `${block}/${seed}`,
        ]);
        if (random() < 0.6) kept.push([await requestOf(transactionHash), Math.floor(random() * depth)]);
      }
      await ingestion.inStep();
      await ingestion.rpc(
        'anvil_reorg',
        depth,
        kept.toSorted(([, one], [, other]) => one - other),
      );
      await ingestion.registry.revoke(lock, `${seed}, new`);
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F04 twice between the header of a block and its logs leaves no log of either branch behind',
    async () => {
      const { transactionHash } = await ingestion.registry.revoke(lock, 'of two branches');
      const request = await requestOf(transactionHash);
      await ingestion.inStep();
      const branches = [[], [[request, 0]], []];
      ingestion.proxy.set({
        only: ({ method, params: [filter] }) =>
          method === 'eth_getBlockReceipts' || JSON.stringify(filter).includes('blockHash'),
        answer: async ({ method, params }, result, ask) => {
          const branch = branches.shift();
          if (branch === undefined) return result;
          await ingestion.rpc('anvil_reorg', 1, branch);
          return ask(method, params);
        },
      });
      // Not waited for: it is mined in the block that is orphaned.
      await ingestion.rpc('eth_sendTransaction', ingestion.registry.batchRequest(lock, ['asks for logs']));
      await ingestion.eventually('all reorgs have happened', () => {
        expect(branches).toEqual([]);
      });
      await ingestion.registry.revoke(lock, 'on the last branch');
      await ingestion.inStep();
    },
    patience,
  );
});
