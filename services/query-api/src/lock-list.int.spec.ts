import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { packRevocations, upsertRevocations } from '@hybrid-sync/store';
import { z } from 'zod';
import { rowOf } from '../../../libs/store/src/testing/facts.js';
import { testStore, type TestStore } from '../../../libs/store/src/testing/test-store.js';
import { Monitor, type Answer } from './testing/monitor.js';

const patience = 60_000;
let store: TestStore;
let monitor: Monitor;

beforeAll(async () => {
  store = await testStore();
  monitor = await Monitor.start(store.url);
}, patience);
afterAll(async () => {
  await monitor.process.stop();
  await store.drop();
}, patience);

beforeEach(async () => {
  await store.rows('truncate revocations_a');
});

describe('the list of a lock', () => {
  it('gives every revocation once, page by page, newest first', async () => {
    const rows = Array.from({ length: 25 }, (_, index) => rowOf(13, index, { block: 100 + (index % 4) }));
    await upsertRevocations(store.database, 'a', packRevocations(rows));
    const all = await monitor.ask('lock/13/revocations');
    expect(all.headers.get('link')).toBeNull();
    const seen: unknown[] = [];
    let path: string | null = 'lock/13/revocations?limit=4';
    let pages = 0;
    while (path !== null) {
      const page: Answer = await monitor.ask(path);
      expect(page.body['total']).toBe(25);
      seen.push(...z.array(z.unknown()).parse(page.body['revocations']));
      pages += 1;
      const next: string | undefined = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      path = next === undefined ? null : `/${next}`;
    }
    expect(pages).toBe(7);
    expect(seen).toEqual(all.body['revocations']);
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(25);
  });

  it('ends without a link where the last page is full, and is empty for a lock that nobody knows', async () => {
    await upsertRevocations(store.database, 'a', packRevocations([rowOf(13, 1), rowOf(13, 2)]));
    expect((await monitor.ask('lock/13/revocations?limit=2')).headers.get('link')).toBeNull();
    expect((await monitor.ask('lock/14/revocations')).body).toMatchObject({ total: 0, revocations: [] });
  });
});
