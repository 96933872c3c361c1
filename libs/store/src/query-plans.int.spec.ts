import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSecondaryIndexes } from './index.js';
import { begun, switched } from './testing/generations.js';
import { testStore, type TestStore } from './testing/test-store.js';

const rows = 50_000;

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
  await fill('a');
  await begun(store.database);
  await fill('b');
}, 60_000);
afterAll(() => store.drop());

/** 100 revocations of each of 500 locks. */
async function fill(slot: 'a' | 'b'): Promise<void> {
  await store.rows(`
    insert into revocations_${slot} (
      block_number, revoked_at, log_index, partition, first_published_by,
      lock_id, signature_hash, transaction_hash, block_hash, revoked_by
    )
    select n, now(), 0, 0, 'b', n % 500, sha256(n::text::bytea), sha256('x'), sha256('x'), substr(sha256('x'), 1, 20)
    from generate_series(1, ${rows}) n`);
  await createSecondaryIndexes(store.database, slot);
}

const hash = `sha256('7'::bytea)`;
const questions: readonly (readonly [string, string, string])[] = [
  [
    'a revocation of a lock',
    `select * from revoked_signatures where lock_id = 7 and signature_hash = any (array[${hash}])`,
    'key',
  ],
  ['a hash, whatever its lock', `select * from revoked_signatures where signature_hash = ${hash}`, 'key'],
  [
    'the newest of a lock',
    'select * from revoked_signatures where lock_id = 7 order by block_number desc, log_index desc, signature_hash desc limit 20',
    'lock_id',
  ],
  [
    'those of a lock below a position',
    `select * from revoked_signatures where lock_id = 7 and (block_number, log_index, signature_hash) < (900, 0, ${hash})
     order by block_number desc, log_index desc, signature_hash desc limit 20`,
    'lock_id',
  ],
  ['how many a lock has', 'select count(*) from revoked_signatures where lock_id = 7', 'lock_id'],
];

describe.each(['a', 'b'] as const)('with slot %s served, an index answers', (slot) => {
  beforeAll(async () => {
    if (slot === 'b') await switched(store.database, 2);
  });

  it.each(questions)('%s', async (_, sql, index) => {
    const plan = await planOf(sql);
    expect(plan).toContain(`revocations_${slot}_${index}`);
    expect(plan).not.toMatch(/Seq Scan on revocations_/);
    // The slot that is not served is not even looked at.
    const other = slot === 'a' ? 'b' : 'a';
    const nodes = plan.split('\n').filter((line) => line.includes(`revocations_${other}`));
    expect(nodes.length).toBeGreaterThan(0);
    expect(nodes.filter((line) => !line.includes('never executed'))).toEqual([]);
  });
});

async function planOf(sql: string): Promise<string> {
  const lines = await store.rows(`explain (analyze, costs off, timing off, buffers off, summary off) ${sql}`);
  return lines.map((line) => String(line['QUERY PLAN'])).join('\n');
}
