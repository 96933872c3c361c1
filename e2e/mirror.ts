import { expect } from '@jest/globals';
import {
  canonicalRevocations,
  foldedRevocations,
  storedRevocations,
  type Revocations,
} from './canonical-revocations.js';
import type { System } from './system.js';

/** Once answers are complete: rows, topic and counters say what the receipts of the chain say, and nothing else. */
export async function expectMirror(system: System): Promise<Revocations> {
  const { chain, registry, database, topics, api } = system;
  await system.synced();
  const canonical = await canonicalRevocations(chain.url, registry.address);
  // A force-sync republishes below the blocks that answers are complete up to: its rows may still be on their way.
  await system.eventually('rows are what the chain says', async () => {
    expect(await storedRevocations(database)).toEqual(canonical);
  });
  expect(foldedRevocations(await topics.read(system.topic('signature-revocations')))).toEqual(canonical);
  expect((await api.health()).stats.totalRevocations).toBe(canonical.size);
  await expectCounts(system);
  return canonical;
}

/** The counters are what counting the rows gives. */
async function expectCounts({ database }: System): Promise<void> {
  const by = 'partition, first_published_by::text as publisher';
  const counted = `select ${by}, count(*) as revocations from revoked_signatures group by 1, 2 order by 1, 2`;
  const kept = `select ${by}, revocations from revocation_counts where revocations <> 0 order by 1, 2`;
  expect(await database.query(kept)).toEqual(await database.query(counted));
}
