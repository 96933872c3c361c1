import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { expectMirror } from './mirror.js';
import { System } from './system.js';
import { answersDuring, wronglyDenied } from './watched-answers.js';

const patience = 60_000;
const transaction = z.object({ from: z.string(), to: z.string(), input: z.string() });
let system: System;
let lock: bigint;

beforeAll(async () => {
  system = await System.create();
  lock = await system.registry.registerLock();
  await system.registry.revoke(lock, 'stays');
  await system.start();
  await system.synced();
}, patience);
afterAll(() => system.close(), patience);

async function revokedLive(signature: string): Promise<{ blockNumber: number; transactionHash: string }> {
  const mined = await system.registry.revoke(lock, signature);
  await system.eventually('revoked', async () => {
    expect(await system.api.revoked(lock, signature)).toMatchObject({ isRevoked: true });
  });
  return mined;
}

/** As it can be sent again in a block of another branch. */
async function requestOf(transactionHash: string): Promise<object> {
  const { from, to, input } = transaction.parse(await system.rpc('eth_getTransactionByHash', transactionHash));
  return { from, to, data: input };
}

async function retractionsOf(signature: string): Promise<readonly unknown[]> {
  return system.database.query(
    `select reason, block_number::integer, '0x' || encode(block_hash, 'hex') as block_hash
     from retractions where lock_id = $1 and signature_hash = decode(substr($2, 3), 'hex')`,
    [lock.toString(), system.registry.hashOf(signature)],
  );
}

async function hashOfBlock(block: number): Promise<string> {
  const answer = await system.rpc('eth_getBlockByNumber', `0x${block.toString(16)}`, false);
  return z.object({ hash: z.string() }).parse(answer).hash;
}

describe('a reorg', () => {
  it(
    'takes back a revocation that the new branch does not have',
    async () => {
      const { blockNumber } = await revokedLive('taken back');
      const orphaned = await hashOfBlock(blockNumber);
      await system.rpc('anvil_reorg', 1, []);
      const answer = await system.eventually('not revoked', async () => {
        const found = await system.api.revoked(lock, 'taken back');
        expect(found).toMatchObject({ isRevoked: false, revocation: null });
        return found;
      });
      // The first such answer may be as of a block below, but never as of the one that had the revocation.
      expect(answer.asOf?.blockHash).toBe(await hashOfBlock(answer.asOf?.blockNumber ?? -1));
      await system.synced();
      expect(await system.api.revoked(lock, 'taken back')).toMatchObject({
        isRevoked: false,
        asOf: { blockNumber, blockHash: await hashOfBlock(blockNumber) },
      });
      expect(await retractionsOf('taken back')).toEqual([
        { reason: 'reorg', block_number: blockNumber, block_hash: orphaned },
      ]);
      expect(await expectMirror(system)).toHaveProperty('size', 1);
    },
    patience,
  );

  it(
    'leaves a revocation that the new branch has in another block, and never denies it meanwhile',
    async () => {
      const { blockNumber, transactionHash } = await revokedLive('mined again');
      await system.mine(1);
      await system.synced();
      const request = await requestOf(transactionHash);
      const answers = await answersDuring({ api: system.api, lockId: lock, signature: 'mined again' }, async () => {
        await system.rpc('anvil_reorg', 2, [[request, 1]]);
        await system.eventually('revoked in the other block', async () => {
          const { isRevoked, revocation } = await system.api.revoked(lock, 'mined again');
          expect([isRevoked, revocation?.blockNumber]).toEqual([true, blockNumber + 1]);
        });
      });
      expect(answers.filter(({ isRevoked }) => isRevoked === false)).toEqual([]);
      expect(await expectMirror(system)).toHaveProperty('size', 2);
    },
    patience,
  );

  it(
    'of many blocks leaves what the new branch has and takes back the rest',
    async () => {
      const kept: object[] = [];
      const first = await system.head();
      for (let number = 0; number < 10; number++) {
        const { transactionHash } = await system.registry.revoke(lock, `of ten, ${number}`);
        if (number % 2 === 0) kept.push(await requestOf(transactionHash));
      }
      await system.synced();
      const branch = kept.map((request, index) => [request, index]);
      const answers = await answersDuring({ api: system.api, lockId: lock, signature: 'of ten, 0' }, async () => {
        await system.rpc('anvil_reorg', 10, branch);
        await system.registry.revoke(lock, 'on the new branch');
        await system.eventually('the new branch is answered', async () => {
          for (let number = 0; number < 10; number++) {
            const { isRevoked } = await system.api.revoked(lock, `of ten, ${number}`);
            expect([number, isRevoked]).toEqual([number, number % 2 === 0]);
          }
        });
      });
      expect(wronglyDenied(answers, first + 1)).toEqual([]);
      expect(await expectMirror(system)).toHaveProperty('size', 2 + kept.length + 1);
    },
    patience,
  );

  it(
    'that happens while ingest-realtime is down is noticed when it is back',
    async () => {
      await revokedLive('orphaned in the dark');
      const realtime = system.service('ingest-realtime');
      await realtime.kill();
      await system.rpc('anvil_reorg', 1, []);
      realtime.start();
      await system.eventually('not revoked', async () => {
        expect(await system.api.revoked(lock, 'orphaned in the dark')).toMatchObject({ isRevoked: false });
      });
      await expectMirror(system);
    },
    patience,
  );
});
