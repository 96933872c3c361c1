import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  dropLogs,
  dropReceiptLog,
  emptyLogs,
  noReceiptsMethod,
  nullReceipts,
  silentBeyondHead,
  staleHead,
  wrongChainId,
  type Faults,
} from '@hybrid-sync/devstack';
import { Ingestion } from './ingestion.js';

const patience = 60_000;
let ingestion: Ingestion;
let lock: bigint;

beforeAll(async () => {
  ingestion = await Ingestion.create({ endpoints: 2 });
  lock = await ingestion.registry.registerLock();
  await ingestion.registry.revoke(lock, 'before');
  await ingestion.start();
  await ingestion.inStep();
}, patience);
/** Whoever did not fail is asked first from then on: the second one fails until it is the first one again. */
beforeEach(async () => {
  const [, second] = ingestion.proxies;
  second?.set({ refuseConnections: true });
  await ingestion.mine(1);
  await ingestion.inStep();
  second?.heal();
  ingestion.proxy.forget();
}, patience);
afterEach(() => {
  ingestion.heal();
});
afterAll(() => ingestion.close(), patience);

describe('a first endpoint that', () => {
  it.each<readonly [string, Faults]>([
    ['F13 leaves a log out of every answer, receipts included', { answer: [dropReceiptLog(), dropLogs('last')] }],
    ['F17 lags behind and answers [] for what it does not have', { answer: [staleHead(3), silentBeyondHead()] }],
    ['F18 has no receipts of any block and finds no logs', { answer: [nullReceipts(), emptyLogs()] }],
    ['F19 shows another chain', { answer: wrongChainId(5) }],
    ['F25 cannot be reached', { refuseConnections: true }],
    // Is remembered, so what comes after this has no receipts either.
    ['F12 finds no logs and offers no receipts', { answer: [noReceiptsMethod(), emptyLogs()] }],
    ['F13 leaves a log out of every answer and offers no receipts', { answer: [noReceiptsMethod(), dropLogs('last')] }],
    ['F22 asks for patience', { status: 429, retryAfter: '60' }],
  ])(
    '%s: the second of two endpoints makes up for it',
    async (about, faults) => {
      ingestion.proxy.set(faults);
      await ingestion.registry.revoke(lock, `${about}, alone`);
      await ingestion.registry.revokeBatch(
        lock,
        [1, 2, 3, 4, 5].map((number) => `${about}, ${number}`),
      );
      await ingestion.mine(3);
      await ingestion.inStep();
      const asked = faults.refuseConnections === true || ingestion.proxy.calls.length > 0;
      expect(asked).toBe(true);
    },
    patience,
  );
});
