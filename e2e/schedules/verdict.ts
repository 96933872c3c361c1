import { expect } from '@jest/globals';
import { canonicalRevocations, foldedRevocations } from '../canonical-revocations.js';
import { differences } from '../differences.js';
import { eventually } from '../eventually.js';
import { brokenClaims, claimsOf, inventions, lastClaim, reportedViolations } from './claims.js';
import type { World } from './world.js';

const ingesters = ['ingest-realtime', 'ingest-batch'] as const;
const patienceSeconds = 60;

/**
 * Waits until the healed world says that it covers the head, and compares: the topic is what the receipts of the chain
 * say, and nobody has ever claimed more than was there or published what was not.
 * @param before how many status records there were before what is judged
 */
export async function expectTopicIsChain(world: World, before: number): Promise<void> {
  await world.heal();
  for (let block = 0; block < 3; block++) await world.chain.mine(1);
  await everythingCovered(world);
  const { url, registry } = world.chain;
  const revocations = await canonicalRevocations(url, registry.address);
  const statuses = await world.statuses();
  const records = await world.revocationRecords();
  const different = differences(foldedRevocations(records), revocations);
  expect({ different: different.length, first: different.slice(0, 3) }).toEqual({ different: 0, first: [] });
  expect(reportedViolations(statuses)).toEqual([]);
  const canonical = { hashes: await world.chain.hashes(), revocations };
  // Where receipts cannot be had, an ingester says that its claim is an endpoint's word, which may be a lie.
  const claims = claimsOf(statuses, before).filter(({ proof }) => proof !== 'none' || !world.endpoints.lackedReceipts);
  expect(brokenClaims(claims, records, canonical)).toEqual([]);
  expect(inventions(records, canonical)).toEqual([]);
}

async function everythingCovered(world: World): Promise<void> {
  const head = await world.chain.headHash();
  await eventually(
    'both ingesters cover the head and no command is open',
    async () => {
      const statuses = await world.statuses();
      const covered = ingesters.map((ingester) => lastClaim(statuses, ingester)?.coveredToHash);
      const open = world.commands.unfinished(statuses);
      if (covered.some((hash) => hash !== head) || open.length > 0)
        throw new Error(`${JSON.stringify({ head, covered, open })}\n${world.tails()}`);
    },
    patienceSeconds,
  );
}
