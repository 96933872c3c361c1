import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTcpProxy, type Cut, type TcpProxy } from '@hybrid-sync/devstack';
import { topicNames } from '@hybrid-sync/domain';
import { Database } from '@hybrid-sync/store';
import { identity } from '../../../libs/domain/src/testing/arbitraries.js';
import { testStore, type TestStore } from '../../../libs/store/src/testing/test-store.js';
import { ReadModel } from './read-model.js';
import { batchOf, logOf, recordsOf, retracted, revoked } from './testing/records.js';

const topics = topicNames('test');
const place = { topic: topics.revocations, partition: 3 };

let store: TestStore;
let proxy: TcpProxy;
let database: Database;

beforeEach(async () => {
  store = await testStore();
  const url = new URL(store.url);
  proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  database = new Database({ url: url.href, maxConnections: 2, statementTimeoutMs: 20_000, lost: () => undefined });
}, 30_000);
afterEach(async () => {
  proxy.heal();
  await database.close();
  await proxy.close();
  await store.drop();
});

function readModel(): ReadModel {
  const publisher = { publish: () => Promise.resolve(new Map<number, number>()), close: () => Promise.resolve() };
  const applied = (): void => undefined;
  const incarnationOf = (): null => null;
  return new ReadModel({ database, publisher, topics, identity, target: 'active', incarnationOf, applied });
}

const tables = (): Promise<unknown> =>
  store.rows(
    `select (select coalesce(sum(revocations), 0)::integer from revocation_counts) as counted,
       (select count(*)::integer from revoked_signatures) as live, (select count(*)::integer from retractions) as retracted,
       (select max(next_offset)::integer from applied_offsets) as applied`,
  );

/** Breaks the connection at the next commit, once. */
function cutCommit(when: Cut): void {
  let isCut = false;
  proxy.set({
    cut: (bytes) => {
      if (isCut || !bytes.includes('commit')) return null;
      isCut = true;
      return when;
    },
  });
}

describe('a batch whose commit is cut off', () => {
  const batch = batchOf(recordsOf([revoked(logOf(1, 1)), revoked(logOf(1, 2)), retracted(logOf(1, 2))], place));
  const applied = [{ counted: 1, live: 1, retracted: 1, applied: 3 }];

  it.each([
    ['is applied by the next attempt where the server has not heard of it', 'before', 'applied'],
    ['is known to be applied by the next attempt where the server has heard of it', 'after', 'stale'],
  ] as const)('%s', async (_, when, outcome) => {
    const model = readModel();
    cutCommit(when);
    await expect(model.applyRevocations(batch)).rejects.toThrow();
    expect(await model.applyRevocations(batch)).toBe(outcome);
    expect(await tables()).toEqual(applied);
  });
});
